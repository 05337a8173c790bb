import { readFileSync } from 'node:fs'

/** Why a file of the build may be absent, after its name. */
export const notBuilt =
  'was not built; if your application bundles the server, leave @headcount/server out of the bundle'

/** The text of a file of the build. Undefined if it was not built, or if an application bundles this package. */
export function builtFile(path: string): string | undefined {
  try {
    return readFileSync(new URL(`../../dist/${path}`, import.meta.url), 'utf8')
  } catch {
    return undefined
  }
}

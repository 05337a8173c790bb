import { readFileSync } from 'node:fs'

/** The version of this package and of the command, which is the same; `unknown` if an application bundles it. */
export const version = read()

function read(): string {
  try {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    return (JSON.parse(text) as { version: string }).version
  } catch {
    return 'unknown'
  }
}

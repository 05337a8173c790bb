import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const folder = fileURLToPath(new URL('../../docs/recipes/', import.meta.url))

/** The names of the files of all recipes. */
export const pages = readdirSync(folder)

/** The text of a recipe: `nginx.md`. */
export const pageOf = (file: string): string => readFileSync(folder + file, 'utf8')

/** The fenced block of this language, by default the first one, in a recipe: `nginx`, without `.md`. */
export function blockOf(recipe: string, language: string, at = 0): string {
  const blocks = pageOf(`${recipe}.md`).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))
  const block = [...blocks][at]?.[1]
  if (block === undefined) throw new Error(`docs/recipes/${recipe}.md has no block ${at} of the language ${language}`)
  return block
}

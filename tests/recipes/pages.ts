import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const folder = fileURLToPath(new URL('../../docs/recipes/', import.meta.url))

/** The names of the files of all recipes. */
export const pages = readdirSync(folder)

/** The text of a recipe: `nginx.md`. */
export const pageOf = (file: string): string => readFileSync(folder + file, 'utf8')

/** The first fenced block of this language in a recipe: `nginx`, without `.md`. */
export function blockOf(recipe: string, language: string): string {
  const block = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(pageOf(`${recipe}.md`))?.[1]
  if (block === undefined) throw new Error(`docs/recipes/${recipe}.md has no block of the language ${language}`)
  return block
}

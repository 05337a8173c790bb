import type { Flag } from '../settings/index.js'

export interface Help {
  /** After `headcount`: `token --sub ID [flags]`. */
  readonly usage: string
  /** What the command does, in a sentence or two. */
  readonly about: string
  readonly flags: readonly Flag[]
  /** Further tables: a title, and rows of a name and what it is. */
  readonly more?: readonly { readonly title: string; readonly rows: readonly Row[] }[]
}

type Row = readonly [name: string, help: string]

export const helpFlag: Flag = { name: 'help', help: 'say this' }

/** A command's help, in the layout that all share. */
export function helpText({ usage, about, flags, more = [] }: Help): string {
  const written = [...flags, helpFlag].map(
    ({ name, value, help }): Row => [value === undefined ? `--${name}` : `--${name} ${value}`, help],
  )
  const tables = [{ title: 'Flags', rows: written }, ...more]
  return [`Usage: headcount ${usage}`, about, ...tables.map(({ title, rows }) => table(title, rows))].join('\n\n')
}

/** A title and its rows, the second column in line. */
export function table(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return [`${title}:`, ...rows.map(([name, help]) => `  ${name.padEnd(width)}  ${help}`)].join('\n')
}

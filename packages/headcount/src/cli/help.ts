import type { Flag } from '../settings/flags.js'

interface Help {
  /** After `headcount`: `token --sub ID [flags]`. */
  readonly usage: string
  readonly about: string
  readonly tables: Readonly<Record<string, readonly Row[]>>
}

export type Row = readonly [name: string, help: string]

export const flagRows = (flags: readonly Flag[]): readonly Row[] => [
  ...flags.map(({ name, value, help }) => [value === undefined ? `--${name}` : `--${name} ${value}`, help] as const),
  ['--help', 'show this help'],
]

/** A page of help, in the layout that all commands share. */
export function helpText({ usage, about, tables }: Help): string {
  const formatted = Object.entries(tables).map(([title, rows]) => {
    const width = Math.max(...rows.map(([name]) => name.length))
    return [`${title}:`, ...rows.map(([name, help]) => `  ${name.padEnd(width)}  ${help}`)].join('\n')
  })
  return [`Usage: headcount ${usage}`, about, ...formatted].join('\n\n')
}

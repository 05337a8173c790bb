import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type Setting, settings } from './definitions.js'

const code = (text: unknown) => (text === undefined ? '' : `\`${text}\``)

/** The row of a setting in docs/SETTINGS.md. */
function row({ path, flag, value, env, default: initial, help, reloads }: Setting): string {
  const names = flag !== undefined ? [code(`--${flag} ${value}`), code(env)] : [code(path), ...(env ? [code(env)] : [])]
  return `| ${[...names, code(initial), help + (reloads ? ' ↻' : '')].join(' | ')} |`.replaceAll('|  |', '| |')
}

test('the tables of docs/SETTINGS.md have exactly one row for every setting, in order', async () => {
  const text = await readFile(new URL('../../../../docs/SETTINGS.md', import.meta.url), 'utf8')
  const isHeader = (line: string) => /^\|(-|\s*(Flag|Key) )/.test(line)
  const rows = text.split('\n').filter((line) => line.startsWith('|') && !isHeader(line))
  expect(rows).toEqual(settings.map(row))
})

test('the rows fit in 120 columns', () => {
  for (const setting of settings) expect(row(setting).length).toBeLessThanOrEqual(120)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The rows of the table under a heading of a page in docs/, without the table's own heading. Cells are without
 * backticks.
 *
 * @param {string} page `ERRORS.md`
 * @param {string} heading
 * @returns {string[][]}
 */
export function docRows(page, heading) {
  const text = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8')
  const section = text.split(/^#+ /m).find((each) => each.startsWith(`${heading}\n`)) ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) => {
    const cells = line.split('|').slice(1, -1)
    return cells.map((cell) => cell.trim().replaceAll('`', ''))
  })
}

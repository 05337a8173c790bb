import { Summary } from './summary.mjs'
import { barsTable, tablesOf } from './tables.mjs'

/** Prints all tables of a run. @param {import('../run.mjs').Results} results */
export function printTables(results) {
  const summary = new Summary(results.measured)
  const bars = barsTable(summary)
  for (const table of [...tablesOf(summary), ...(bars === undefined ? [] : [bars])]) print(table)
  for (const one of results.failed) console.log(one)
}

/** @param {import('./tables.mjs').Table} table */
function print({ title, note, head, rows }) {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('**', '')))
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  console.log(`\n${title}: ${note}`)
  for (const row of all)
    console.log(
      `  ${row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()}`,
    )
}

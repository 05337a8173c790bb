import { scenarios } from '../scenarios/index.mjs'
import { labelOf } from '../server/systems.mjs'
import { judged } from './bars.mjs'
import { columns } from './columns.mjs'
import { withSpread } from './format.mjs'
import { valuesOf } from './summary.mjs'

/**
 * A table for any reader. `note` stands above it.
 *
 * @typedef {{ title: string, note: string, head: readonly string[], rows: readonly (readonly string[])[] }} Table
 */

/**
 * One table a scenario and size that was measured.
 *
 * @param {import('./summary.mjs').Summary} summary
 * @returns {Table[]}
 */
export function tablesOf(summary) {
  return scenarios.flatMap(({ name, what, unit }) => {
    const groups = summary.groups.filter(({ scenario }) => scenario === name)
    if (groups.length === 0) return []
    const shown = columns[name] ?? []
    // One row a size where there is one system, and one row a system and size where there are several.
    const rows = groups
      .sort((a, b) => a.size - b.size)
      .map((group) => [
        group.size.toLocaleString('en'),
        labelOf(group.system),
        ...shown.map(({ name, times = 1 }) => withSpread(valuesOf(group, name).map((value) => value * times))),
      ])
    return [{ title: name, note: what, head: [unit, 'system', ...shown.map(({ title }) => title)], rows }]
  })
}

/**
 * What was to be reached, and whether it was.
 *
 * @param {import('./summary.mjs').Summary} summary
 * @returns {Table | undefined}
 */
export function barsTable(summary) {
  const rows = judged(summary).map(({ scenario, what, bar, value, met }) => [
    scenario,
    what,
    bar,
    value,
    met ? 'met' : '**not met**',
  ])
  if (rows.length === 0) return undefined
  const note = 'The median of all repeats is what counts; from where to where they went stands beside it.'
  return { title: 'the bars', note, head: ['scenario', 'Headcount', 'bar', 'measured', ''], rows }
}

import { scenarios } from './plan.mjs'
import { quantile } from './statistics.mjs'
import { systems } from './systems.mjs'

/** @typedef {import('./measure.mjs').Measured} Measured */

/**
 * The results as Markdown, one table per scenario: the median of all repeats and, in brackets, the lowest and the
 * highest. With several systems, the last column compares the first figure with Headcount's, repeat by repeat.
 * @param {import('./measure.mjs').Results} results
 */
export function report({ about, measured, failed }) {
  const tables = scenarios.flatMap((scenario) => table(scenario, measured))
  return [about, ...tables, ...failed.map((text) => `Not measured: ${text}`)].join('\n\n')
}

/** @param {import('./plan.mjs').Scenario} scenario @param {readonly Measured[]} all */
function table({ name, what, unit = 'clients', columns, systems: several }, all) {
  const [compared = ''] = columns
  const measured = all.filter(({ scenario }) => scenario === name).sort((a, b) => a.size - b.size)
  const like = (/** @type {Measured} */ { size, system }) =>
    measured.filter((one) => one.size === size && one.system === system)
  const rows = measured.flatMap((first) => {
    const own = like(first)
    const { size, system } = first
    if (own[0] !== first) return []
    const ratios = own.map(({ repeat, figures }) => {
      const other = measured.find((one) => one.system === 'headcount' && one.size === size && one.repeat === repeat)
      return Number(figures[compared]) / Number(other?.figures[compared])
    })
    const cells = columns.map((title) => range(own.map(({ figures }) => figures[title])))
    return [[size.toLocaleString('en'), systems[system].label, ...cells, ...(several ? [range(ratios)] : [])]]
  })
  const head = [unit, 'system', ...columns, ...(several ? [`${compared}: of Headcount's`] : [])]
  return rows.length === 0 ? [] : [`### ${name}: ${what}\n\n${lines([head, head.map(() => '---'), ...rows])}`]
}

/** @param {readonly string[][]} rows */
function lines(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`).join('\n')
}

/** @param {readonly (number | null | undefined)[]} values JSON has null for infinite and unknown values. */
function range(values) {
  const [low, middle, high] = [0, 0.5, 1].map((share) =>
    threeDigits(
      quantile(
        values.map((value) => value ?? Number.NaN),
        share,
      ),
    ),
  )
  return low === high ? `${middle}` : `${middle} (${low}–${high})`
}

const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const threeDigits = (/** @type {number} */ value) => (Number.isFinite(value) ? digits.format(value) : '–')

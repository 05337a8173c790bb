import { scenarios } from './plan.mjs'
import { median } from './statistics.mjs'
import { systems } from './systems.mjs'

/** @typedef {import('./measure.mjs').Measured} Measured */

/**
 * The results as Markdown, one table per scenario: the median of all repeats and, in brackets, the lowest and the highest. The
 * last column is how the first figure compares with Headcount's: the median of the ratios of each repeat.
 *
 * @param {import('./measure.mjs').Results} results
 */
export function report({ about, measured, failed }) {
  const tables = scenarios.map((scenario) =>
    table(
      scenario,
      measured.filter(({ scenario: name }) => name === scenario.name),
    ),
  )
  return [about, ...tables.flat(), ...failed.map((text) => `Not measured: ${text}`)].join('\n\n')
}

/**
 * @param {import('./plan.mjs').Scenario} scenario
 * @param {readonly Measured[]} measured
 */
function table({ name, what, unit, columns }, measured) {
  const [compared = ''] = columns
  const groups = new Map(measured.map(({ size, system }) => [`${size} ${system}`, { size, system }]))
  const rows = [...groups.values()]
    .sort((a, b) => a.size - b.size)
    .map(({ size, system }) => {
      const own = measured.filter((one) => one.size === size && one.system === system)
      const cells = columns.map((title) => range(own.map(({ figures }) => figures[title])))
      return [size.toLocaleString('en'), systems[system].label, ...cells, range(ratios(own, measured, compared))]
    })
  if (rows.length === 0) return []
  const head = [unit, 'system', ...columns, `${compared}: of Headcount's`]
  return [`### ${name}: ${what}\n\n${lines([head, head.map(() => '---'), ...rows])}`]
}

/**
 * @param {readonly Measured[]} own
 * @param {readonly Measured[]} all
 * @param {string} figure
 */
function ratios(own, all, figure) {
  return own.map(({ size, repeat, figures }) => {
    const other = all.find((one) => one.system === 'headcount' && one.size === size && one.repeat === repeat)
    return Number(figures[figure]) / Number(other?.figures[figure])
  })
}

/** @param {readonly string[][]} rows Of a Markdown table. */
function lines(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`).join('\n')
}

/** @param {readonly (number | null | undefined)[]} values JSON has null for what never ended or is unknown. */
function range(values) {
  const numbers = values.map((value) => value ?? Number.NaN)
  const [middle, low, high] = [median(numbers), Math.min(...numbers), Math.max(...numbers)].map(threeDigits)
  return low === high ? `${middle}` : `${middle} (${low}–${high})`
}

/** @param {number} value */
function threeDigits(value) {
  if (!Number.isFinite(value)) return '–'
  if (Number.isInteger(value) && Math.abs(value) < 1000) return String(value)
  const digits = Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(Math.abs(value)))))
  const rounded = digits > 0 ? value : Number(value.toPrecision(3))
  return rounded.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
}

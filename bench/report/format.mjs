import { spread } from '../measure/stats.mjs'

/**
 * Three digits, and thousands apart. What has no end is "never", what is not known is a dash.
 *
 * @param {number} value
 */
export function number(value) {
  // What went through JSON may be null where it was not known.
  if (value === null || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return 'never'
  if (Number.isInteger(value) && Math.abs(value) < 1000) return String(value)
  const digits = Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(Math.abs(value)))))
  const rounded = digits > 0 ? value : Number(value.toPrecision(3))
  return rounded.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
}

/**
 * The median, and from where to where the repeats went.
 *
 * @param {readonly number[]} values
 */
export function withSpread(values) {
  if (values.length === 0) return '–'
  const { median, low, high } = spread(values)
  const range = values.length > 1 && number(low) !== number(high) ? ` (${number(low)}–${number(high)})` : ''
  return `${number(median)}${range}`
}

/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5)
}

/**
 * The value below which a share of them lies, between neighbours in proportion. NaN of none.
 *
 * @param {readonly number[]} values
 * @param {number} share
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  // Where both are beyond all bounds their difference is no number.
  return low === high ? low : low + (high - low) * (at - Math.floor(at))
}

/** The median, and how far the lowest and the highest lie from each other. @param {readonly number[]} values */
export function spread(values) {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values), of: values.length }
}

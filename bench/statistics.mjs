/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5)
}

/**
 * The value below which a share of the values lies, interpolated. NaN where there are none.
 *
 * @param {readonly number[]} values
 * @param {number} share
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  // The difference of two infinities is not a number.
  return low === high ? low : low + (high - low) * (at - Math.floor(at))
}

/**
 * How long it takes from a client's first packet until others show it. Counts are anonymous: a client that shows k is taken to
 * have seen the first k joins, so errors for late and early ones cancel out. Joins that a client never showed count as
 * infinite.
 *
 * @param {{ connects: readonly number[], traces: readonly (readonly number[])[] }} seen When all clients of one topic
 *   began to connect, in order; and for some clients when their total changed and to what, in turn.
 * @returns {{ p50: number, p95: number }} In ms.
 */
export function visibleDelays({ connects, traces }) {
  const delays = traces.flatMap((trace) => delaysOf(trace, connects))
  return { p50: quantile(delays, 0.5), p95: quantile(delays, 0.95) }
}

/**
 * @param {readonly number[]} trace
 * @param {readonly number[]} connects
 */
function delaysOf(trace, connects) {
  /** @type {number[]} */
  const delays = []
  // What its first counts hold was there before it.
  let shown = trace[1] ?? connects.length
  for (let i = 2; i + 1 < trace.length; i += 2) {
    const at = trace[i] ?? 0
    const total = trace[i + 1] ?? 0
    for (; shown < total; shown++) delays.push(at - (connects[shown] ?? at))
  }
  for (; shown < connects.length; shown++) delays.push(Number.POSITIVE_INFINITY)
  return delays
}

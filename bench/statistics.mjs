/**
 * The interpolated quantile of the values; NaN without values.
 * @param {readonly number[]} values
 * @param {number} share
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  // The difference of two infinities is not a number.
  return low === high ? low : low + (high - low) * (at - Math.floor(at))
}

/**
 * The time, in ms, from a client's first packet until others show it. Counts are anonymous: a client that shows k is
 * assumed to have seen the first k joins, so errors for late and early ones cancel out. Joins that a client never
 * showed count as infinite.
 * @param {{ connects: readonly number[], traces: readonly (readonly number[])[] }} seen When all clients of one topic
 *   began to connect, in order; and for some clients when their total changed and to what, in turn.
 */
export function visibleDelays({ connects, traces }) {
  const delays = traces.flatMap((trace) => {
    /** @type {number[]} */
    const own = []
    // Its first counts include earlier clients.
    let shown = trace[1] ?? connects.length
    for (let i = 2; i + 1 < trace.length; i += 2) {
      const [at = 0, total = 0] = trace.slice(i, i + 2)
      for (; shown < total; shown++) own.push(at - (connects[shown] ?? at))
    }
    for (; shown < connects.length; shown++) own.push(Number.POSITIVE_INFINITY)
    return own
  })
  return { p50: quantile(delays, 0.5), p95: quantile(delays, 0.95) }
}

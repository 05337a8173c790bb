import { quantile } from './stats.mjs'

/**
 * How long it takes from a client's first packet until others are shown that it is here. Counts are anonymous, so a client that
 * is told k has been told of the first k joins; who was late and who was early among them evens out. Joins that a client
 * was never shown, because its count stayed too low, are beyond all bounds.
 *
 * @param {{ asked: readonly number[], traces: readonly (readonly number[])[] }} seen When all joins of the one topic began, in
 *   order; and of some clients, in turn, when they were told and what.
 * @returns {{ p50: number, p95: number }} In ms.
 */
export function visible({ asked, traces }) {
  const waits = traces.flatMap((trace) => waitsOf(trace, asked))
  return { p50: quantile(waits, 0.5), p95: quantile(waits, 0.95) }
}

/**
 * @param {readonly number[]} trace
 * @param {readonly number[]} asked
 */
function waitsOf(trace, asked) {
  /** @type {number[]} */
  const waits = []
  // What it was told first was there before it.
  let shown = trace[1] ?? asked.length
  for (let i = 2; i + 1 < trace.length; i += 2) {
    const at = trace[i] ?? 0
    const count = trace[i + 1] ?? 0
    for (; shown < count; shown++) waits.push(at - (asked[shown] ?? at))
  }
  for (; shown < asked.length; shown++) waits.push(Number.POSITIVE_INFINITY)
  return waits
}

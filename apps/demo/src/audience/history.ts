/** What was known at one moment; null where nothing was (the connection was away). */
export interface Sample {
  /** Milliseconds on any steady clock. */
  readonly at: number
  readonly users: number | null
  readonly viewers: number | null
}

/** Samples in order of time. */
export type History = readonly Sample[]

/** How far back the plot looks, in milliseconds. */
export const reach = 5 * 60_000

/** The spans that the plot shows, in seconds: it grows with the history instead of starting nearly empty. */
const spans = [30, 60, 120, 300] as const

/**
 * The history with one more sample and without what is older than `reach`. A run of equal samples is kept as its two ends,
 * so a quiet topic costs two samples however long one watches. One sample older than `reach` stays, so that the line begins at the edge.
 */
export function record(history: History, sample: Sample): History {
  const [before, last] = [history.at(-2), history.at(-1)]
  const kept = last && before && same(last, sample) && same(before, last) ? history.slice(0, -1) : history
  const stale = kept.findLastIndex(({ at }) => at < sample.at - reach)
  return [...kept.slice(Math.max(stale, 0)), sample]
}

/** How many seconds the history covers. */
export function secondsOf(history: History): number {
  const [first, last] = [history[0], history.at(-1)]
  return first && last ? (last.at - first.at) / 1000 : 0
}

/** The shortest span that shows so many seconds whole, or the longest there is. */
export function spanOf(seconds: number): number {
  return spans.find((span) => span >= seconds) ?? spans[spans.length - 1]!
}

/** The most that were here at once. */
export function peakOf(history: History): number {
  return history.reduce((peak, { users, viewers }) => Math.max(peak, (users ?? 0) + (viewers ?? 0)), 0)
}

function same(a: Sample, b: Sample): boolean {
  return a.users === b.users && a.viewers === b.viewers
}

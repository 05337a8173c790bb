/** The counts at one moment; null while the connection was interrupted. */
export interface Sample {
  /** In ms. */
  readonly at: number
  readonly counts: { readonly users: number; readonly viewers: number } | null
}

/** Samples in order of time. */
export type History = readonly Sample[]

/** How far back the plot reaches, in ms. */
export const reach = 5 * 60_000

/** The spans that the plot shows, in seconds. It grows with the history, so that it is never nearly empty. */
const spans = [30, 60, 120, 300] as const

/** The history with one more sample. Counts that are older than `reach` begin there. */
export function record(history: History, sample: Sample): History {
  const from = sample.at - reach
  const before = history.findLast(({ at }) => at <= from)
  const within = history.filter(({ at }) => at > from)
  return [...(before ? [{ ...before, at: from }] : []), ...within, sample]
}

/** The shortest span, in seconds, that shows the whole history, or the longest. */
export function spanOf(history: History): number {
  const seconds = ((history.at(-1)?.at ?? 0) - (history[0]?.at ?? 0)) / 1000
  return spans.find((span) => span >= seconds) ?? 300
}

/** `now`, `30 s ago`, `2.5 min ago`. */
export function ago(seconds: number): string {
  if (seconds === 0) return 'now'
  return seconds < 60 ? `${seconds} s ago` : `${seconds / 60} min ago`
}

/** The largest count of one group in the history. */
export function peakOf(history: History): number {
  return history.reduce((peak, { counts }) => Math.max(peak, counts?.users ?? 0, counts?.viewers ?? 0), 0)
}

/** The top of the scale for a largest count: a round, even number a little above it. */
export function topOf(peak: number): number {
  const needed = Math.max(2, peak * 1.1)
  const unit = 10 ** Math.floor(Math.log10(needed))
  const top = [1, 2, 4, 6, 8, 10].map((n) => n * unit).find((n) => n >= needed && n % 2 === 0)
  return top ?? 10 * unit
}

/**
 * A group's counts as SVG path data, in steps: x in seconds before the last sample, y in people, upwards negative. A
 * gap starts a new subpath; `area` closes each at zero.
 */
export function pathsOf(history: History, group: 'users' | 'viewers'): { line: string; area: string } {
  const last = history.at(-1)?.at ?? 0
  let line = ''
  let area = ''
  let isDrawing = false
  for (const { at, counts } of history) {
    const x = (at - last) / 1000
    if (counts === null) {
      if (isDrawing) area += `H${x}V0Z`
      if (isDrawing) line += `H${x}`
    } else {
      const step = isDrawing ? `H${x}V${-counts[group]}` : `M${x} ${-counts[group]}`
      line += step
      area += isDrawing ? step : `M${x} 0V${-counts[group]}`
    }
    isDrawing = counts !== null
  }
  return { line, area: isDrawing ? `${area}V0Z` : area }
}

import { sumOf, type Totals } from '@headcount/protocol'
import { type HistoryMinute, type HistoryState, minute, minutesKept, partsOf } from './history.js'

export interface TopicHistory {
  /** The time of the clock that recorded it, in ms since 1970. */
  readonly now: number
  /** Undefined if nothing is recorded. */
  readonly state: HistoryState | undefined
  /** Of the last day, oldest first. */
  readonly minutes: readonly HistoryMinute[]
}

/** A range of time, in ms since 1970. `from`, `to` and `step` are whole minutes. */
export interface HistoryRange {
  readonly from: number
  readonly to: number
  readonly step: number
}

/** Figures of a group or of all groups, over the recorded time. */
export interface Figures {
  /** Presences times ms. */
  readonly integral: number
  /** The highest count, and when it was reached first, in ms since 1970. Null if nothing is known. */
  readonly peak: number | null
  readonly peakAt: number | null
}

/** The figures of a part of the range. */
export interface HistoryPoint {
  /** Where the part begins, in ms since 1970. */
  readonly at: number
  /** How much of it was recorded, in ms. The rest is a gap: nothing was recorded, or the record was lost. */
  readonly known: number
  readonly groups: readonly Figures[]
  readonly total: Figures
}

export interface HistoryReport {
  /** The start of the record without a gap, in ms since 1970; null if there is a gap now. */
  readonly wholeFrom: number | null
  readonly points: readonly HistoryPoint[]
  /** The figures of the whole range. */
  readonly all: HistoryPoint
}

/** The start of the oldest complete minute that is stored, in ms since 1970. */
export function oldestMinute(now: number): number {
  return (Math.floor(now / minute) - minutesKept + 1) * minute
}

/** The figures of a range, for each step and as a whole. */
export function historyReport(
  { now, state, minutes }: TopicHistory,
  { from, to, step }: HistoryRange,
  groups: number,
): HistoryReport {
  const all = new Part(from, groups)
  const points = Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => new Part(from + i * step, groups))
  const oldest = oldestMinute(now)
  const partAt = (time: number): Part => points[Math.floor((time - from) / step)]!

  /** Adds totals that were current from one time to another. */
  const accumulate = (totals: Totals, start: number, end: number): void => {
    let at = Math.max(start, from, oldest)
    const until = Math.min(end, to)
    while (at < until) {
      const part = partAt(at)
      const next = Math.min(until, part.at + step)
      for (const each of [part, all]) each.accumulate(totals, at, next)
      at = next
    }
  }

  let recordedTo = Number.NEGATIVE_INFINITY
  for (const entry of minutes) {
    const { start, gap, last, begin, ...parts } = partsOf(entry, groups)
    if (start < oldest || start > now) continue
    accumulate(begin, recordedTo, start - gap)
    if (start >= from && start < to) for (const part of [partAt(start), all]) part.add({ start, ...parts })
    recordedTo = start + last
  }
  if (state !== undefined) accumulate(state.totals, recordedTo, state.seen)
  const isWhole = state !== undefined && state.seen >= now
  return { wholeFrom: isWhole ? Math.max(state.since, oldest) : null, points, all }
}

class Part implements HistoryPoint {
  known = 0
  readonly #figures: { integral: number; peak: number | null; peakAt: number | null }[]

  constructor(
    readonly at: number,
    groups: number,
  ) {
    this.#figures = Array.from({ length: groups + 1 }, () => ({ integral: 0, peak: null, peakAt: null }))
  }

  get groups(): readonly Figures[] {
    return this.#figures.slice(0, -1)
  }

  get total(): Figures {
    return this.#figures.at(-1)!
  }

  accumulate(totals: Totals, from: number, to: number): void {
    this.known += to - from
    const counts = [...totals, sumOf(totals)]
    this.#add(
      counts.map((count) => count * (to - from)),
      counts,
      () => from,
    )
  }

  add(parts: Pick<ReturnType<typeof partsOf>, 'start' | 'known' | 'integrals' | 'peaks' | 'peakTimes'>): void {
    const { start, known, integrals, peaks, peakTimes } = parts
    this.known += known
    this.#add([...integrals, sumOf(integrals)], peaks, (i) => start + peakTimes[i]!)
  }

  /** Parts are added in chronological order, so the first of equal peaks stays. */
  #add(integrals: readonly number[], peaks: readonly number[], timeOf: (i: number) => number): void {
    for (const [i, figures] of this.#figures.entries()) {
      figures.integral += integrals[i]!
      if (peaks[i]! <= (figures.peak ?? -1)) continue
      figures.peak = peaks[i]!
      figures.peakAt = timeOf(i)
    }
  }
}

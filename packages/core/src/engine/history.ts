import { sameTotals, sumOf, type Totals, zeroTotals } from '@headcount/protocol'

export const minute = 60_000

/** How many minutes of a topic are stored: a whole day and the current minute. */
export const minutesKept = 1_441

/** The state of a topic's history besides its minutes. Times are in ms since 1970. */
export interface HistoryState {
  /** The start of the record without a gap. */
  readonly since: number
  /** Until when the totals are known to be correct: the last change, or later. */
  readonly seen: number
  readonly totals: Totals
}

/**
 * A minute in which the totals changed, as one list of whole numbers, which saves memory:
 *
 * - its number: minutes since 1970
 * - up to where it is recorded, and how much of that is not a gap, in ms
 * - the length of the gap before it, in ms
 * - the totals before its first change, by group
 * - their integral over the recorded time, by group: presences times ms
 * - the highest count of each group and of their sum, and then when each was reached first, in ms of the minute. A
 *   count of -1: not recorded.
 *
 * Minutes without a change are not stored: they have the totals of the previous change.
 */
export type HistoryMinute = number[]

const [last, known, gap, first] = [1, 2, 3, 4]

export function partsOf(entry: HistoryMinute, groups: number) {
  const part = (start: number, length: number): number[] => entry.slice(start, start + length)
  const peaks = first + 2 * groups
  return {
    start: entry[0]! * minute,
    last: entry[last]!,
    known: entry[known]!,
    gap: entry[gap]!,
    begin: part(first, groups),
    integrals: part(first + groups, groups),
    peaks: part(peaks, groups + 1),
    peakTimes: part(peaks + groups + 1, groups + 1),
  }
}

/**
 * The history rule: what a change of totals adds to the record of a topic. packages/redis/lua has the same
 * rule in record-history.lua.
 *
 * Pure, except that it changes the minute. Time without a record is a gap, not zeros: if the totals before the change
 * differ from those of the state, a change was not recorded.
 *
 * @param state undefined if nothing is recorded yet.
 * @param find returns the minute with this number, if it is recorded.
 * @param now ms since 1970, whole.
 */
export function recordChange(
  state: HistoryState | undefined,
  find: (number: number) => HistoryMinute | undefined,
  { before, after, now }: { readonly before: Totals; readonly after: Totals; readonly now: number },
): { readonly state: HistoryState; readonly minute: HistoryMinute } {
  // After a failover the clock may be slightly behind. If it is further behind, a new record begins.
  const prior = state !== undefined && state.seen <= now + minute ? state : undefined
  const at = Math.max(now, prior?.seen ?? 0)
  const number = Math.floor(at / minute)
  const start = number * minute
  const isWhole = prior !== undefined && sameTotals(prior.totals, before)
  const until = isWhole ? at : (prior?.seen ?? 0)
  const entry =
    (prior && find(number)) ?? newMinute(number, prior?.totals ?? zeroTotals(after.length), Math.max(0, start - until))
  if (prior !== undefined) accumulate(entry, prior.totals, until - start)
  entry[last] = at - start
  raise(entry, after, at - start)
  return { state: { since: isWhole ? prior.since : at, seen: at, totals: after }, minute: entry }
}

/** The state after its totals were found to be still current. */
export function confirm(state: HistoryState, totals: Totals, now: number): HistoryState {
  return sameTotals(state.totals, totals) ? { ...state, seen: Math.max(state.seen, now) } : state
}

function newMinute(number: number, begin: Totals, unknown: number): HistoryMinute {
  const zeros = zeroTotals(begin.length)
  return [number, 0, 0, unknown, ...begin, ...zeros, ...zeros.map(() => -1), -1, ...zeros, 0]
}

/** Adds totals that were current until a time, in ms of the minute. */
function accumulate(entry: HistoryMinute, totals: Totals, until: number): void {
  const from = entry[last]!
  if (until <= from) return
  entry[known]! += until - from
  for (const [g, count] of totals.entries()) entry[first + totals.length + g]! += count * (until - from)
  raise(entry, totals, from)
}

/** Raises the peaks to totals that were reached at a time, in ms of the minute. */
function raise(entry: HistoryMinute, totals: Totals, at: number): void {
  const peaks = first + 2 * totals.length
  const counts = [...totals, sumOf(totals)]
  for (const [i, count] of counts.entries()) {
    if (count <= entry[peaks + i]!) continue
    entry[peaks + i] = count
    entry[peaks + counts.length + i] = at
  }
}

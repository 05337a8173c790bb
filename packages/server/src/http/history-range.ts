import { type HistoryRange, minute, oldestMinute } from '@headcount/core'

const hour = 60 * minute

/** The longest range and step: a day. */
export const maxRange = 24 * hour

/** Parameters of a request. */
type RangeQuery = Readonly<Record<'from' | 'to' | 'step', string | undefined>>

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/
const timeExpected = 'expected ms since 1970, or a time such as 2026-01-31T21:00:00Z'

/**
 * The range that a request asks for: of the last hour by default, in steps of a minute. It is extended to whole
 * minutes.
 * @param now the time of the clock that recorded the history, in ms since 1970.
 * @returns an invalid request's error, as a text.
 */
export function rangeOf({ from, to, step }: RangeQuery, now: number): HistoryRange | string {
  const end = to === undefined ? now : timeOf(to)
  if (end === undefined) return `to: ${timeExpected}`
  // The future has no data.
  const last = Math.min(end, now)
  const given = from === undefined ? last - hour : timeOf(from)
  if (given === undefined) return `from: ${timeExpected}`
  const oldest = oldestMinute(now)
  // A minute of tolerance for clients whose clock is behind.
  if (given < oldest - minute) return 'from: expected a time of the last 24 hours'
  if (given >= last) return 'from: expected a time before to, and before now'
  const length = step === undefined ? minute : /^\d{1,9}$/.test(step) ? Number(step) : Number.NaN
  if (!(length >= minute && length <= maxRange && length % minute === 0)) {
    return `step: expected whole minutes in ms, from ${minute} to ${maxRange}`
  }
  const first = Math.max(oldest, Math.floor(given / minute) * minute)
  return { from: first, to: Math.max(first, Math.ceil(last / minute) * minute), step: length }
}

function timeOf(text: string): number | undefined {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const time = iso.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

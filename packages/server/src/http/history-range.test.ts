import { expect, test } from 'vitest'
import { rangeOf } from './history-range.js'

const minute = 60_000
/** Half a minute after a whole hour. */
const now = Date.UTC(2026, 0, 31, 21) + minute / 2
const hour = now - minute / 2
const query = { from: undefined, to: undefined, step: undefined }

test('the default range is the last hour in steps of a minute', () => {
  expect(rangeOf(query, now)).toEqual({ from: hour - 60 * minute, to: hour + minute, step: minute })
})

test.each([
  [{ from: '2026-01-31T20:30:10Z' }, { from: hour - 30 * minute }],
  [{ from: '2026-01-31T21:30+01:00' }, { from: hour - 30 * minute }],
  [{ from: String(hour - 7 * minute + 1) }, { from: hour - 7 * minute }],
  [{ to: '2026-01-31T20:30:10.5Z' }, { from: hour - 90 * minute, to: hour - 29 * minute }],
  [{ to: '2026-02-01T00:00Z' }, { to: hour + minute }],
  [{ from: String(now - 1_440 * minute) }, { from: hour - 1_440 * minute }],
  [{ from: String(now - 1_440 * minute - 40_000) }, { from: hour - 1_440 * minute }],
  [{ step: '300000' }, { step: 300_000 }],
  [{ step: '86400000' }, { step: 86_400_000 }],
])('%j is extended to whole minutes of the last day', (given, expected) => {
  expect(rangeOf({ ...query, ...given }, now)).toMatchObject(expected)
})

const time = 'expected ms since 1970, or a time such as 2026-01-31T21:00:00Z'
const step = 'step: expected whole minutes in ms, from 60000 to 86400000'
test.each([
  [{ from: 'yesterday' }, `from: ${time}`],
  [{ from: '2026-01-31' }, `from: ${time}`],
  [{ from: '2026-01-31T21:00:00' }, `from: ${time}`],
  [{ from: '-5' }, `from: ${time}`],
  [{ from: '' }, `from: ${time}`],
  [{ to: '2026-13-31T21:00:00Z' }, `to: ${time}`],
  [{ from: String(now - 1_443 * minute) }, 'from: expected a time of the last 24 hours'],
  [{ from: '0' }, 'from: expected a time of the last 24 hours'],
  [{ from: String(now) }, 'from: expected a time before to, and before now'],
  [{ from: String(now - 5), to: String(now - 5) }, 'from: expected a time before to, and before now'],
  [{ step: '0' }, step],
  [{ step: '59999' }, step],
  [{ step: '90000' }, step],
  [{ step: '86460000' }, step],
  [{ step: '5m' }, step],
])('%j is refused', (given, message) => {
  expect(rangeOf({ ...query, ...given }, now)).toBe(message)
})

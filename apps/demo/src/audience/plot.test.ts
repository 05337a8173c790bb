import { expect, test } from 'vitest'
import { ago, type History, pathsOf, peakOf, reach, record, type Sample, spanOf, topOf } from './plot.js'

const sample = (seconds: number, users?: number, viewers = 0): Sample => ({
  at: seconds * 1000,
  counts: users === undefined ? null : { users, viewers },
})

test('the history keeps no sample older than its reach', () => {
  let history: History = []
  for (let seconds = 0; seconds <= reach / 500; seconds++) history = record(history, sample(seconds, seconds))
  expect(history).toHaveLength(reach / 1000 + 1)
  expect(history[0]).toEqual(sample(reach / 1000, reach / 1000))
})

test('counts that are older than the reach are drawn from its start', () => {
  const history = record([sample(0, 1), sample(60, 2), sample(120, 3)], sample(reach / 1000 + 90, 4))
  expect(history).toEqual([sample(90, 2), sample(120, 3), sample(reach / 1000 + 90, 4)])
})

test('the plot shows the shortest span that holds the history', () => {
  const lasting = (seconds: number): History => [sample(0, 1), sample(seconds, 1)]
  expect([0, 30, 31, 61, 121, 9000].map(lasting).map(spanOf)).toEqual([30, 30, 60, 120, 300, 300])
  expect([0, 30, 150].map(ago)).toEqual(['now', '30 s ago', '2.5 min ago'])
})

test('the scale is round and even, and has room above the largest count of a group', () => {
  expect(peakOf([sample(0, 1, 2), sample(1, 5, 1), sample(2)])).toBe(5)
  expect([0, 1, 2, 17, 100, 184, 500].map(topOf)).toEqual([2, 2, 4, 20, 200, 400, 600])
})

test('counts are drawn in steps, in seconds and people', () => {
  const { line, area } = pathsOf([sample(0, 3), sample(1, 5), sample(2, 5)], 'users')
  expect(line).toBe('M-2 -3H-1V-5H0V-5')
  expect(area).toBe('M-2 0V-3H-1V-5H0V-5V0Z')
})

test('an interruption is a gap, not a zero', () => {
  const { line, area } = pathsOf([sample(0, 1), sample(1), sample(2), sample(3, 2)], 'users')
  expect(line).toBe('M-3 -1H-2M0 -2')
  expect(area).toBe('M-3 0V-1H-2V0ZM0 0V-2V0Z')
})

import { expect, it } from 'vitest'
import { type History, peakOf, reach, record, type Sample, secondsOf, spanOf } from './history.js'

const sample = (at: number, users: number | null, viewers: number | null): Sample => ({ at, users, viewers })
const recorded = (...samples: Sample[]): History => samples.reduce<History>(record, [])

it('keeps a quiet hour as two samples', () => {
  let history: History = []
  for (let at = 0; at <= 3_600_000; at += 1000) history = record(history, sample(at, 1, 2))
  expect(history).toHaveLength(2)
  expect(history.at(-1)).toEqual(sample(3_600_000, 1, 2))
})

it('keeps both ends of each run, so that steps stay steps', () => {
  const history = recorded(...[0, 1, 2, 3, 4, 5].map((at) => sample(at, at < 3 ? 1 : 2, 0)))
  expect(history.map(({ at, users }) => [at, users])).toEqual([
    [0, 1],
    [2, 1],
    [3, 2],
    [5, 2],
  ])
})

it('tells a gap from a zero', () => {
  const history = recorded(sample(0, 0, 1), sample(1, null, null), sample(2, null, null), sample(3, 0, 1))
  expect(history).toHaveLength(4)
  expect(history[1]).toEqual(sample(1, null, null))
})

it('forgets what is out of reach, but for one sample at the edge', () => {
  let history: History = []
  for (let at = 0; at <= reach * 2; at += 1000) history = record(history, sample(at, at, 0))
  expect(history[0]!.at).toBeLessThan(reach)
  expect(history[1]!.at).toBeGreaterThanOrEqual(reach)
})

it('never changes a history that it was given', () => {
  const history = Object.freeze([sample(0, 1, 1), sample(1, 1, 1)])
  expect(record(history, sample(2, 1, 1))).toHaveLength(2)
  expect(history).toHaveLength(2)
})

it('shows the shortest span that holds it all', () => {
  expect(secondsOf([])).toBe(0)
  expect(secondsOf(recorded(sample(1000, 1, 1), sample(46_000, 2, 1)))).toBe(45)
  expect([0, 30, 31, 61, 121, 9000].map(spanOf)).toEqual([30, 30, 60, 120, 300, 300])
})

it('knows the most that were here at once', () => {
  expect(peakOf(recorded(sample(0, 1, 2), sample(1, 5, 1), sample(2, null, null)))).toBe(6)
  expect(peakOf([])).toBe(0)
})

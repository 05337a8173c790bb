import { expect, test } from 'vitest'
import { count, groups, rate, time } from './format.js'
import { linesOf } from './history.js'
import { Rates, Series, spanOf } from './series.js'
import { pathOf } from './spark.js'

test('times have the unit in which people say them', () => {
  const texts = [0, 340, 999, 1_000, 59_000, 90_000, 7_200_000, 90_000_000, null].map(time)
  expect(texts).toEqual(['0 ms', '340 ms', '999 ms', '1 s', '59 s', '1.5 min', '2 h', '1 d', '–'])
})

test('numbers are whole, rates have three digits, and groups have their names', () => {
  expect([count(12_340), rate(1.2345), rate(0.00123)]).toEqual(['12,340', '1.23', '0.00123'])
  expect(groups({ users: 1_200, viewers: 3 })).toBe('1,200 users, 3 viewers')
})

test('a rate is the increase a second of all replicas, and unknown at first and after a gap', () => {
  const joins = new Rates()
  expect(joins.next(0, [['a', 10]])).toBeNull()
  const both = [
    ['a', 30],
    ['b', 1_000],
  ] as const
  expect(joins.next(2_000, both)).toBe(10)
  expect(joins.next(4_000, [['b', 1_004]])).toBe(2)
  joins.reset()
  expect(joins.next(5_000, [['b', 2_000]])).toBeNull()
})

test('a series keeps its newest 300 samples', () => {
  const series = new Series()
  for (let i = 0; i < 301; i++) series.add(i * 1_000, i)
  expect([series.times.length, series.times[0], series.values.at(-1)]).toEqual([300, 1, 300])
})

test('a chart spans its times, and a minute at least', () => {
  expect([spanOf([1_000]), spanOf([1_000, 1_005]), spanOf([1_000, 1_300])]).toEqual([
    [940, 1_000],
    [945, 1_005],
    [1_000, 1_300],
  ])
  expect(spanOf([])).toEqual([-60, 0])
})

test('a sparkline has a gap where there was no sample', () => {
  expect(pathOf([1, 2])).toBe('M1 22L119 2')
  expect(pathOf([5, 5, 5])).toBe('M1 12L60 12L119 12')
  expect(pathOf([1, null, 2])).toBe('M1 22M119 2')
  expect(pathOf([null, null])).toBe('')
})

test('what is not known of a history stays unknown', () => {
  const figures = (average: number | null) => ({
    peak: average,
    peakAt: average === null ? null : 7,
    average,
    personMinutes: average,
  })
  const points = [
    { at: 60_000, total: figures(3) },
    { at: 120_000, total: figures(null) },
  ]
  const known = linesOf({ total: figures(3), points })
  expect(known.average).toEqual({ times: [60, 120], values: [3, null] })
  expect([known.peak, known.personMinutes]).toEqual([{ count: 3, at: 7 }, 3])
  expect(linesOf({ total: figures(null), points: [] })).toMatchObject({ peak: undefined, personMinutes: 0 })
})

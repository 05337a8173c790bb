import { expect, expectTypeOf, test } from 'vitest'
import { applyDiff, type Counts, sameTotals, toCounts, zeroTotals } from './counts.js'
import { encodeCounts } from './encode.js'

const counts = (users: number, viewers: number): Counts => ({ users: { count: users }, viewers: { count: viewers } })

test('a diff adds its joins and subtracts its leaves', () => {
  expect(applyDiff(counts(1, 5), { joins: counts(2, 0), leaves: counts(0, 3) })).toEqual(counts(3, 2))
})

test('a group that only the diff has is added', () => {
  const joins = { ...counts(0, 1), staff: { count: 2 } }
  const leaves = { ...counts(0, 0), staff: { count: 0 } }
  expect(applyDiff<string>(counts(0, 0), { joins, leaves })).toEqual({ ...counts(0, 1), staff: { count: 2 } })
})

test('totals become counts with every group, in order', () => {
  expect(JSON.stringify(toCounts(['users', 'viewers'], [3]))).toBe('{"users":{"count":3},"viewers":{"count":0}}')
  expect(zeroTotals(2)).toEqual([0, 0])
  expect(sameTotals([1, 2], [1, 2])).toBe(true)
  expect(sameTotals([1, 2], [1, 3])).toBe(false)
})

test('a count below the smallest that is shown is marked', () => {
  expect(toCounts(['users', 'viewers'], [0, 10], 5)).toEqual({ users: { count: 0, below: 5 }, viewers: { count: 10 } })
  expect(encodeCounts(['users', 'viewers'], [0, 10], 5)).toBe(
    JSON.stringify(toCounts(['users', 'viewers'], [0, 10], 5)),
  )
})

test('counts are read-only and have named groups', () => {
  expectTypeOf<Counts>().toEqualTypeOf<{
    readonly users: { readonly count: number; readonly below?: number }
    readonly viewers: { readonly count: number; readonly below?: number }
  }>()
  expectTypeOf(applyDiff).returns.toEqualTypeOf<Counts<string>>()
})

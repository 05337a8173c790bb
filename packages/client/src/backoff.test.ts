import { expect, test } from 'vitest'
import { backoff } from './backoff.js'

test('the ceiling doubles with each try, up to half a minute', () => {
  const wait = backoff(() => 1)
  expect([1, 2, 3, 4, 5, 6, 7, 100].map(wait)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
})

test('the wait is anywhere below the ceiling, as the random number says', () => {
  const numbers = [0, 0.25, 0.5]
  const wait = backoff(() => numbers.shift()!)
  expect([wait(3), wait(3), wait(3)]).toEqual([0, 1_000, 2_000])
})

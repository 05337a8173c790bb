import { expect, test } from 'vitest'
import { backoff } from './backoff.js'

test('the bound doubles with each attempt, up to 30 s', () => {
  const delay = backoff(() => 1)
  expect([1, 2, 3, 4, 5, 6, 7, 100].map(delay)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
})

test('the delay is the random fraction of the bound', () => {
  const numbers = [0, 0.25, 0.5]
  const delay = backoff(() => numbers.shift()!)
  expect([delay(3), delay(3), delay(3)]).toEqual([0, 1_000, 2_000])
})

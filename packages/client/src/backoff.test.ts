import { expect, onTestFinished, test, vi } from 'vitest'
import { createRetries } from './backoff.js'

test('the bound doubles with each attempt, up to 30 s', () => {
  const { next } = createRetries(() => 1)
  const delays = Array.from({ length: 100 }, next)
  expect(delays.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  expect(delays.at(-1)).toBe(30_000)
})

test('the delay is the random fraction of the bound', () => {
  const numbers = [0, 0.25, 0.5]
  const { next } = createRetries(() => numbers.shift()!)
  expect([next(), next(), next()]).toEqual([0, 500, 2_000])
})

test('delays grow until a success has lasted', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { succeeded, next } = createRetries(() => 1)
  const failedAfter = (ms: number): number => {
    succeeded()
    vi.advanceTimersByTime(ms)
    return next()
  }
  expect([failedAfter(200), failedAfter(200), next(), failedAfter(9_999)]).toEqual([1_000, 2_000, 4_000, 8_000])
  expect([failedAfter(10_000), next(), failedAfter(200)]).toEqual([1_000, 2_000, 4_000])
})

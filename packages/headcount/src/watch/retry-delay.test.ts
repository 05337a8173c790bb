import { expect, onTestFinished, test, vi } from 'vitest'
import { createRetryDelay } from './retry-delay.js'

test('delays double up to 10 s, until a stream has lasted for 10 s', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { succeeded, next } = createRetryDelay()
  const failedAfter = (ms: number): number => {
    succeeded()
    vi.advanceTimersByTime(ms)
    return next()
  }
  expect([failedAfter(0), failedAfter(9_999), next(), next(), next(), next(), next()]).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
  ])
  expect([failedAfter(10_000), next()]).toEqual([500, 1_000])
})

import { expect, onTestFinished, test, vi } from 'vitest'
import { backoff, createReconnects } from './backoff.js'

test('the bound doubles with each attempt, up to 30 s', () => {
  const delay = backoff(() => 1)
  expect([1, 2, 3, 4, 5, 6, 7, 100].map(delay)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
})

test('the delay is the random fraction of the bound', () => {
  const numbers = [0, 0.25, 0.5]
  const delay = backoff(() => numbers.shift()!)
  expect([delay(3), delay(3), delay(3)]).toEqual([0, 1_000, 2_000])
})

test('delays grow until a connection has lasted', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const reconnects = createReconnects((failures) => failures)
  const cutAfter = (ms: number): number => {
    reconnects.opened()
    vi.advanceTimersByTime(ms)
    return reconnects.next()
  }
  expect([cutAfter(200), cutAfter(200), reconnects.next(), cutAfter(9_999)]).toEqual([1, 2, 3, 4])
  expect([cutAfter(10_000), reconnects.next(), cutAfter(200)]).toEqual([1, 2, 3])
})

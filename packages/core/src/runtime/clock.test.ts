import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from './clock.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test.each([3_600_000, -3_600_000])('the time since 1970 follows a clock that was set by %d ms', (ms) => {
  const wall = () => systemClock.origin + systemClock.now()
  vi.setSystemTime(Date.now() + ms)
  expect(Math.abs(wall() - Date.now())).toBeLessThan(10)
})

test.each([2 ** 31, 1e12, Number.POSITIVE_INFINITY])('a callback that is due in %d ms is not called at once', (ms) => {
  const callback = vi.fn()
  const cancel = systemClock.after(ms, callback)
  vi.advanceTimersByTime(20 * 86_400_000)
  expect(callback).not.toHaveBeenCalled()
  cancel()
  expect(vi.getTimerCount()).toBe(0)
})

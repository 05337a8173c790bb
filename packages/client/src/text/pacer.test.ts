import { expect, onTestFinished, test, vi } from 'vitest'
import { createPacer } from './pacer.js'

test('a clock that is set back does not delay a text', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const shown: string[] = []
  const pacer = createPacer(10_000, (text) => shown.push(text))
  pacer.set('1 viewer')
  vi.advanceTimersByTime(0)
  vi.setSystemTime(Date.now() - 3_600_000)
  pacer.set('2 viewers')
  vi.advanceTimersByTime(9_999)
  expect(shown).toEqual(['1 viewer'])
  vi.advanceTimersByTime(1)
  expect(shown).toEqual(['1 viewer', '2 viewers'])
})

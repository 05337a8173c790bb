import { expect, test } from 'vitest'
import { FakeClock } from './fake-clock.js'

test('timers run in the order of their times, with now at their own time, unless they are cancelled', async () => {
  const clock = new FakeClock(1000)
  const seen: string[] = []
  const log = (name: string) => () => void seen.push(`${name} at ${clock.now()}`)
  clock.after(20, log('third'))
  clock.after(10, () => {
    log('first')()
    clock.after(5, log('second'))
  })
  clock.after(20, log('fourth'))
  const cancel = clock.after(1, log('cancelled'))
  expect(clock.timers).toBe(4)
  cancel()
  await clock.advance(19)
  expect(seen).toEqual(['first at 1010', 'second at 1015'])
  await clock.advance(1)
  expect(seen.slice(2)).toEqual(['third at 1020', 'fourth at 1020'])
  expect({ now: clock.now(), timers: clock.timers }).toEqual({ now: 1020, timers: 0 })
})

test('callbacks of `soon` run before any timer, also those of a promise, and promises settle after each', async () => {
  const clock = new FakeClock()
  const seen: string[] = []
  clock.after(1, () => void Promise.resolve().then(() => seen.push('settled')))
  clock.after(2, () => seen.push('timer'))
  clock.soon(() => {
    seen.push('soon')
    void Promise.resolve().then(() => clock.soon(() => seen.push('added by a promise')))
  })
  await clock.advance(2)
  expect(seen).toEqual(['soon', 'added by a promise', 'settled', 'timer'])
})

test('advance throws the error of a callback', async () => {
  const clock = new FakeClock()
  clock.after(1, () => {
    throw new Error('thrown by a timer')
  })
  await expect(clock.advance(1)).rejects.toThrow('thrown by a timer')
})

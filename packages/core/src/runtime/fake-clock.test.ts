import { describe, expect, it } from 'vitest'
import { FakeClock } from './fake-clock.js'

describe('FakeClock', () => {
  it('runs timers in the order of their times, each with now at its own time', async () => {
    const clock = new FakeClock(1000)
    const seen: [string, number][] = []
    clock.after(20, () => seen.push(['second', clock.now()]))
    clock.after(10, () => {
      seen.push(['first', clock.now()])
      clock.after(5, () => seen.push(['between', clock.now()]))
    })
    clock.after(20, () => seen.push(['third', clock.now()]))
    await clock.advance(19)
    expect(seen).toEqual([
      ['first', 1010],
      ['between', 1015],
    ])
    await clock.advance(1)
    expect(seen.slice(2)).toEqual([
      ['second', 1020],
      ['third', 1020],
    ])
    expect(clock.now()).toBe(1020)
  })

  it('runs callbacks of `soon` before any timer, also those that a promise adds', async () => {
    const clock = new FakeClock()
    const seen: string[] = []
    clock.after(0, () => seen.push('timer'))
    clock.soon(() => {
      seen.push('soon')
      void Promise.resolve().then(() => clock.soon(() => seen.push('added by a promise')))
    })
    await clock.advance()
    expect(seen).toEqual(['soon', 'added by a promise', 'timer'])
  })

  it('lets promises settle after each timer', async () => {
    const clock = new FakeClock()
    const seen: string[] = []
    clock.after(1, async () => {
      await Promise.resolve()
      await Promise.resolve()
      seen.push('settled')
    })
    clock.after(2, () => seen.push('next'))
    await clock.advance(2)
    expect(seen).toEqual(['settled', 'next'])
  })

  it('drops a timer that was cancelled', async () => {
    const clock = new FakeClock()
    const cancel = clock.after(1, () => expect.unreachable())
    expect(clock.timers).toBe(1)
    cancel()
    await clock.advance(10)
    expect(clock.timers).toBe(0)
  })

  it('throws the error of a callback', async () => {
    const clock = new FakeClock()
    clock.after(1, () => {
      throw new Error('thrown by a timer')
    })
    await expect(clock.advance(1)).rejects.toThrow('thrown by a timer')
  })
})

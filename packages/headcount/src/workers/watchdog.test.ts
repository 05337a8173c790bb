import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import { Watchdog } from './watchdog.js'

function setUp() {
  const clock = new FakeClock()
  const watchdog = new Watchdog(clock)
  const killed: string[] = []
  /** A worker that answers after the current `delay`, in ms. */
  const add = (name: string, delay = 1) => {
    const worker = { delay, questions: 0 }
    const ping = () => {
      worker.questions += 1
      return new Promise<void>((resolve) => void clock.after(worker.delay, resolve))
    }
    const undo = watchdog.watch(ping, (silentFor) => killed.push(`${name} after ${silentFor}`))
    return Object.assign(worker, { undo })
  }
  return { clock, killed, add }
}

test('a worker that does not answer for ten seconds is killed, once, and no other', async () => {
  const { clock, killed, add } = setUp()
  const [first, second] = [add('first'), add('second')]
  await clock.advance(60_000)
  first.delay = Number.POSITIVE_INFINITY
  await clock.advance(9_999)
  expect(killed).toEqual([])
  await clock.advance(4_001)
  expect(killed).toEqual(['first after 10000'])
  await clock.advance(60_000)
  expect(killed).toHaveLength(1)
  expect(second.questions).toBeGreaterThan(50)
})

test('a worker that is repeatedly busy for seconds is not killed, and is sent one ping at a time', async () => {
  const { clock, killed, add } = setUp()
  const { questions } = add('busy', 7_000)
  await clock.advance(100_000)
  expect(killed).toEqual([])
  expect(questions).toBeLessThan(20)
})

test('time in which this process was blocked does not count against a worker', async () => {
  const { clock, killed, add } = setUp()
  add('worker', Number.POSITIVE_INFINITY)
  for (let i = 0; i < 20; i++) {
    clock.jump(60_000)
    await clock.advance(1)
  }
  expect(killed).toEqual([])
  await clock.advance(10_000)
  expect(killed).toHaveLength(1)
})

test('a worker that has exited is not watched, and without workers no timer is left', async () => {
  const { clock, killed, add } = setUp()
  const [first, second] = [add('first', 1e9), add('second')]
  first.undo()
  await clock.advance(30_000)
  second.undo()
  await clock.advance(1)
  expect(killed).toEqual([])
  expect(clock.timers).toBe(1)
})

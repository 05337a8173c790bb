import { describe, expect, test } from 'vitest'
import { memoryEngine } from '../engine/memory-engine.js'
import { FakeClock } from '../runtime/fake-clock.js'
import { replicaOn } from '../test/replica.js'

const topic = 'video:1'
const viewer = { group: 1, person: null }

type Answer = () => Promise<'kept'>
const accept: Answer = async () => 'kept'
const fail: Answer = () => Promise.reject(new Error('unreachable'))

/** A replica whose engine answers each commit after `duration` ms. */
function open(duration: number, answer: Answer) {
  const clock = new FakeClock()
  const sent: number[] = []
  /** Whether it is committing, after each change and before each answer. */
  const busy: boolean[] = []
  const commit = async () => {
    sent.push(clock.now())
    await new Promise<void>((resolve) => clock.after(duration - 1, resolve))
    busy.push(replica.isCommitting)
    await new Promise<void>((resolve) => clock.after(1, resolve))
    return answer()
  }
  const replica = replicaOn(clock, { engine: { ...memoryEngine(), commitInterval: 50, commit } })
  void replica.start()
  return { clock, sent, busy, replica }
}

test.each([
  ['are accepted after 30 ms', 30, accept, [0, 50, 100, 150]],
  ['are accepted after 80 ms', 80, accept, [0, 80, 160]],
  ['fail after 30 ms', 30, fail, [0, 100]],
])('commits that %s are sent one at a time, and with an interval', async (_title, duration, answer, expected) => {
  const { clock, sent, busy, replica } = open(duration, answer)
  for (let i = 0; i < 16; i++) {
    await clock.advance(10)
    replica.tracker.track(topic, viewer)
    busy.push(replica.isCommitting)
  }
  expect(sent).toEqual(expected)
  await clock.advance(1000)
  expect([new Set(busy), replica.isCommitting]).toEqual([new Set([true]), false])
})

describe('a replica that was stopped commits no more', () => {
  test.each([
    ['was accepted', accept],
    ['failed', fail],
  ])('after the commit in flight %s', async (_title, answer) => {
    const { clock, sent, replica } = open(30, answer)
    await clock.advance(10)
    await replica.stop()
    await clock.advance(100)
    replica.tracker.track(topic, viewer)
    await clock.advance(60_000)
    expect([sent, clock.timers, replica.trouble]).toEqual([[0], 0, 'stopping'])
  })
})

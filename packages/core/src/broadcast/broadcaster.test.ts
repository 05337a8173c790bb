import { defaultGroups, type Totals } from '@headcount/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../runtime/fake-clock.js'
import { Turn } from '../runtime/turn.js'
import { Broadcaster } from './broadcaster.js'
import type { Subscriber } from './subscriber.js'
import type { Update } from './update.js'
import { WatchedTopic } from './watched-topic.js'

/** A subscriber that records the last totals it received, and refuses diffs while it is full. */
class Listener implements Subscriber {
  index = -1
  lastFlush = 0
  full = false
  diffs = 0
  shown: Totals | undefined

  state(update: Update): void {
    this.shown = update.totals
  }

  diff(update: Update): boolean {
    if (this.full) return false
    this.diffs += 1
    this.shown = update.totals
    return true
  }
}

const watch = (topic: string) => new WatchedTopic(topic, { settle: 0, shield: 0 }, { tick: 1, origin: 0 })

function make(done: (watched: WatchedTopic) => void = () => {}, clock = new FakeClock()) {
  const turn = new Turn(clock, (error) => {
    throw error
  })
  const broadcaster = new Broadcaster({ groups: defaultGroups, share: 0.5, clock, turn, done })
  return { clock, broadcaster, watched: watch('video:1') }
}

test('a large topic is broadcast over several turns, each to a bounded number of subscribers', async () => {
  let done = 0
  const { clock, broadcaster, watched } = make(() => done++)
  broadcaster.begin(watched, [0, 0])
  const listeners = Array.from({ length: 2500 }, () => new Listener())
  for (const listener of listeners) broadcaster.add(watched, listener)
  broadcaster.broadcast(watched, [0, 2500])
  const reached = () => listeners.filter((listener) => listener.diffs === 1).length
  expect(reached()).toBe(1000)
  expect(watched.isBroadcasting).toBe(true)
  await clock.advance()
  expect(reached()).toBe(2500)
  expect(done).toBe(1)
})

test.each([
  [1, 20_000],
  [30, 300],
])('a small topic is broadcast in the next turn, while %i of %i subscribers are', async (topics, size) => {
  const { clock, broadcaster } = make()
  const add = (topic: string, count: number) => {
    const watched = watch(topic)
    broadcaster.begin(watched, [0, 0])
    const listeners = Array.from({ length: count }, () => new Listener())
    for (const each of listeners) broadcaster.add(watched, each)
    broadcaster.broadcast(watched, [0, 1])
    return { watched, listeners }
  }
  const large = Array.from({ length: topics }, (_, i) => add(`large:${i}`, size))
  const small = add('small', 1)
  const seen: unknown[] = []
  clock.soon(() => clock.soon(() => seen.push(small.listeners[0]?.diffs, large.at(-1)?.watched.isBroadcasting)))
  await clock.advance()
  expect(seen).toEqual([1, true])
})

test('broadcasts use no more than their share of time', async () => {
  /** A clock that advances with every diff. */
  class Spending extends FakeClock {
    spent = 0
    override now(): number {
      return super.now() + this.spent
    }
  }
  const spending = new Spending()
  let doneAt = 0
  const { clock, broadcaster, watched } = make(() => {
    doneAt = spending.now()
  }, spending)
  class Costly extends Listener {
    override diff(update: Update): boolean {
      spending.spent += 0.01
      return super.diff(update)
    }
  }
  broadcaster.begin(watched, [0, 0])
  for (let i = 0; i < 20_000; i++) broadcaster.add(watched, new Costly())
  broadcaster.broadcast(watched, [0, 1])
  await clock.advance(1000)
  // 200 ms of work at a share of a half, of which 50 ms may run ahead.
  expect(spending.spent).toBeCloseTo(200)
  expect(doneAt).toBeGreaterThan(330)
  expect(doneAt).toBeLessThan(400)
})

test('a slow subscriber skips diffs and is sent the newest state on resume', () => {
  const { broadcaster, watched } = make()
  broadcaster.begin(watched, [0, 0])
  const slow = new Listener()
  broadcaster.add(watched, slow)
  slow.full = true
  for (const viewers of [1, 2, 3]) broadcaster.broadcast(watched, [0, viewers])
  expect(slow.shown).toEqual([0, 0])
  slow.full = false
  broadcaster.resume(watched, slow)
  expect(slow.shown).toEqual([0, 3])
  broadcaster.broadcast(watched, [0, 4])
  expect(slow.diffs).toBe(1)
  expect(slow.shown).toEqual([0, 4])
})

test('resume is a no-op for a subscriber that skipped no diff or was removed', () => {
  const { broadcaster, watched } = make()
  broadcaster.begin(watched, [0, 0])
  const listener = new Listener()
  broadcaster.add(watched, listener)
  listener.shown = undefined
  broadcaster.resume(watched, listener)
  expect(listener.shown).toBeUndefined()
  listener.full = true
  broadcaster.broadcast(watched, [0, 1])
  broadcaster.remove(watched, listener)
  broadcaster.resume(watched, listener)
  expect(listener.shown).toBeUndefined()
})

test('joins and leaves between slices neither skip a subscriber nor send it a flush twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ leave: fc.array(fc.nat(4000), { maxLength: 600 }), join: fc.nat(600) }), { maxLength: 6 }),
      async (turns) => {
        const { clock, broadcaster, watched } = make()
        broadcaster.begin(watched, [0, 0])
        const all = new Set<Listener>()
        const join = (): void => {
          const listener = new Listener()
          all.add(listener)
          broadcaster.add(watched, listener)
        }
        for (let i = 0; i < 3000; i++) join()
        broadcaster.broadcast(watched, [0, 3000])
        for (const { leave, join: joins } of turns) {
          clock.soon(() => {
            const present = [...all]
            for (const i of leave) {
              const listener = present[i % present.length]
              if (listener === undefined || !all.delete(listener)) continue
              broadcaster.remove(watched, listener)
            }
            for (let i = 0; i < joins; i++) join()
          })
        }
        await clock.advance()
        expect(watched.subscribers.length).toBe(all.size)
        expect([...all].filter((listener) => listener.shown?.[1] !== 3000 || listener.diffs > 1)).toEqual([])
      },
    ),
    { numRuns: 60 },
  )
})

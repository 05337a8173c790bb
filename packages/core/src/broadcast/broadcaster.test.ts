import { defaultGroups, type Totals } from '@headcount/protocol'
import { FakeClock } from '@headcount/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Turn } from '../runtime/turn.js'
import { Audience, Broadcaster, type Subscriber } from './broadcaster.js'
import type { News } from './update.js'

/** A subscriber that keeps what it was told, and says no while it is full. */
class Listener implements Subscriber {
  place = -1
  told = 0
  full = false
  diffs = 0
  shown: Totals | undefined

  state(news: News): void {
    this.shown = news.totals
  }

  diff(news: News): boolean {
    if (this.full) return false
    this.diffs += 1
    this.shown = news.totals
    return true
  }
}

function make(done: (audience: Audience) => void = () => {}, clock = new FakeClock()) {
  const turn = new Turn(clock, (error) => {
    throw error
  })
  const broadcaster = new Broadcaster({ groups: defaultGroups, share: 0.5, clock, turn, done })
  return { clock, broadcaster, audience: new Audience('video:1') }
}

test('whoever comes before the counts are known is given the state when they are', () => {
  const { broadcaster, audience } = make()
  const early = new Listener()
  broadcaster.add(audience, early)
  expect(early.shown).toBeUndefined()
  broadcaster.begin(audience, [1, 2])
  expect(early.shown).toEqual([1, 2])
  const late = new Listener()
  broadcaster.add(audience, late)
  expect(late.shown).toEqual([1, 2])
})

test('a large topic is told over several turns, each of a bounded number of subscribers', async () => {
  let done = 0
  const { clock, broadcaster, audience } = make(() => done++)
  broadcaster.begin(audience, [0, 0])
  const listeners = Array.from({ length: 2500 }, () => new Listener())
  for (const listener of listeners) broadcaster.add(audience, listener)
  broadcaster.tell(audience, [0, 2500])
  const told = () => listeners.filter((listener) => listener.diffs === 1).length
  expect(told()).toBe(1000)
  expect(audience.telling).toBe(true)
  await clock.advance()
  expect(told()).toBe(2500)
  expect(done).toBe(1)
})

test('a small topic is told in the next turn, while a large one is still being told', async () => {
  const { clock, broadcaster, audience } = make()
  broadcaster.begin(audience, [0, 0])
  for (let i = 0; i < 20_000; i++) broadcaster.add(audience, new Listener())
  broadcaster.tell(audience, [0, 1])
  const small = new Audience('video:2')
  const listener = new Listener()
  broadcaster.begin(small, [0, 0])
  broadcaster.add(small, listener)
  broadcaster.tell(small, [1, 0])
  const seen: unknown[] = []
  clock.soon(() => clock.soon(() => seen.push(listener.diffs, audience.telling)))
  await clock.advance()
  expect(seen).toEqual([1, true])
})

test('telling takes no more than its share of the time, and what is small is told at once all the same', async () => {
  /** A clock that telling takes time on. */
  class Spending extends FakeClock {
    spent = 0
    override now(): number {
      return super.now() + this.spent
    }
  }
  const spending = new Spending()
  let doneAt = 0
  const { clock, broadcaster, audience } = make(() => {
    doneAt = spending.now()
  }, spending)
  class Costly extends Listener {
    override diff(news: News): boolean {
      spending.spent += 0.01
      return super.diff(news)
    }
  }
  broadcaster.begin(audience, [0, 0])
  for (let i = 0; i < 20_000; i++) broadcaster.add(audience, new Costly())
  broadcaster.tell(audience, [0, 1])
  await clock.advance(1000)
  // 200 ms of telling at a share of a half, of which 50 ms may run ahead.
  expect(spending.spent).toBeCloseTo(200)
  expect(doneAt).toBeGreaterThan(330)
  expect(doneAt).toBeLessThan(400)
})

test('a subscriber that cannot take more skips diffs and is given the newest state', () => {
  const { broadcaster, audience } = make()
  broadcaster.begin(audience, [0, 0])
  const slow = new Listener()
  broadcaster.add(audience, slow)
  slow.full = true
  for (const totals of [
    [0, 1],
    [0, 2],
    [0, 3],
  ])
    broadcaster.tell(audience, totals)
  expect(slow.shown).toEqual([0, 0])
  slow.full = false
  broadcaster.resume(audience, slow)
  expect(slow.shown).toEqual([0, 3])
  broadcaster.tell(audience, [0, 4])
  expect(slow.diffs).toBe(1)
  expect(slow.shown).toEqual([0, 4])
})

test('resume tells nothing to one that skipped nothing, or has gone', () => {
  const { broadcaster, audience } = make()
  broadcaster.begin(audience, [0, 0])
  const listener = new Listener()
  broadcaster.add(audience, listener)
  listener.shown = undefined
  broadcaster.resume(audience, listener)
  expect(listener.shown).toBeUndefined()
  listener.full = true
  broadcaster.tell(audience, [0, 1])
  broadcaster.remove(audience, listener)
  broadcaster.resume(audience, listener)
  expect(listener.shown).toBeUndefined()
})

test('comings and goings between slices leave nobody out and tell nobody twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ leave: fc.array(fc.nat(4000), { maxLength: 600 }), join: fc.nat(600) }), {
        maxLength: 6,
      }),
      async (turns) => {
        const { clock, broadcaster, audience } = make()
        broadcaster.begin(audience, [0, 0])
        const all = new Set<Listener>()
        const join = (): void => {
          const listener = new Listener()
          all.add(listener)
          broadcaster.add(audience, listener)
        }
        for (let i = 0; i < 3000; i++) join()
        broadcaster.tell(audience, [0, 3000])
        for (const { leave, join: comers } of turns) {
          clock.soon(() => {
            const present = [...all]
            for (const i of leave) {
              const listener = present[i % present.length]
              if (listener === undefined || !all.delete(listener)) continue
              broadcaster.remove(audience, listener)
            }
            for (let i = 0; i < comers; i++) join()
          })
        }
        await clock.advance()
        expect(audience.subscribers.length).toBe(all.size)
        expect([...all].filter((listener) => listener.shown?.[1] !== 3000 || listener.diffs > 1)).toEqual([])
      },
    ),
    { numRuns: 60 },
  )
})

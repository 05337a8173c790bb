import type { Totals } from '@headcount/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Subscriber } from './broadcast/subscriber.js'
import type { Update } from './broadcast/update.js'
import { MemoryCluster } from './engine/memory-engine.js'
import type { Replica } from './replica.js'
import { FakeClock } from './runtime/fake-clock.js'
import { replicaOn } from './test/replica.js'

const topic = 'video:1'
const user = { group: 0, person: null }
const viewer = { group: 1, person: null }

/** Records all counts that it is sent. */
class Recorder implements Subscriber {
  index = -1
  lastFlush = 0
  readonly shown: { readonly at: number; readonly totals: Totals }[] = []

  constructor(readonly clock: FakeClock) {}

  state({ totals }: Update): void {
    this.shown.push({ at: this.clock.now(), totals })
  }

  diff(update: Update): boolean {
    this.state(update)
    return true
  }

  get last(): Totals | undefined {
    return this.shown.at(-1)?.totals
  }
}

function replicaOf(cluster: MemoryCluster, clock: FakeClock, settle: number): Replica {
  const id = `replica ${Math.random()}`
  return replicaOn(clock, { id, engine: cluster.engine(), display: () => ({ settle, shield: 0 }) })
}

async function startReplica(cluster: MemoryCluster, clock: FakeClock, settle: number): Promise<Replica> {
  const replica = replicaOf(cluster, clock, settle)
  await replica.start()
  return replica
}

async function open(settle: number) {
  const clock = new FakeClock()
  const replica = await startReplica(new MemoryCluster(), clock, settle)
  const recorder = new Recorder(clock)
  replica.scheduler.subscribe(topic, recorder)
  await clock.advance()
  return { clock, replica, recorder }
}

describe('settle', () => {
  test.each([
    ['a page reload does not change the counts', 1000, viewer, [[0, 1]]],
    [
      'a sign-in over a new connection moves the viewer in one step',
      1000,
      user,
      [
        [0, 1],
        [1, 0],
      ],
    ],
    [
      'without it every change shows at once',
      0,
      viewer,
      [
        [0, 1],
        [0, 0],
        [0, 1],
      ],
    ],
  ] as const)('%s', async (_title, settle, returning, expected) => {
    const { clock, replica, recorder } = await open(settle)
    replica.tracker.track(topic, viewer)
    await clock.advance(5000)
    replica.tracker.untrack(topic, viewer)
    await clock.advance(900)
    replica.tracker.track(topic, returning)
    await clock.advance(5000)
    expect(recorder.shown.map(({ totals }) => totals)).toEqual([[0, 0], ...expected])
  })

  test('a leave shows after the settle time, and no later than one flush interval after it', async () => {
    const { clock, replica, recorder } = await open(1000)
    replica.tracker.track(topic, viewer)
    await clock.advance(5000)
    const left = clock.now()
    replica.tracker.untrack(topic, viewer)
    await clock.advance(5000)
    expect(recorder.last).toEqual([0, 0])
    expect(recorder.shown.at(-1)!.at - left).toBeGreaterThanOrEqual(1000)
    expect(recorder.shown.at(-1)!.at - left).toBeLessThanOrEqual(1050)
  })

  test('a topic has one timer, however often its counts change within the settle time', async () => {
    const { clock, replica } = await open(60_000)
    const joinAndLeave = async () => {
      replica.tracker.track(topic, viewer)
      await clock.advance(100)
      replica.tracker.untrack(topic, viewer)
      await clock.advance(100)
    }
    await joinAndLeave()
    const { timers } = clock
    for (let i = 0; i < 10; i++) await joinAndLeave()
    expect(clock.timers).toBe(timers)
  })

  test('a topic that all sockets left keeps its window: a client that comes back is shown no dip', async () => {
    const { clock, replica, recorder } = await open(3000)
    replica.tracker.track(topic, viewer)
    await clock.advance(5000)
    replica.scheduler.unsubscribe(topic, recorder)
    replica.tracker.untrack(topic, viewer)
    await clock.advance(2000)
    const again = new Recorder(clock)
    replica.scheduler.subscribe(topic, again)
    replica.tracker.track(topic, viewer)
    await clock.advance(5000)
    expect(again.shown.map(({ totals }) => totals)).toEqual([[0, 1]])
  })
})

test('presences and subscribers may be added before the start', async () => {
  const clock = new FakeClock()
  const replica = replicaOf(new MemoryCluster(), clock, 0)
  const recorder = new Recorder(clock)
  replica.tracker.track(topic, user)
  replica.scheduler.subscribe(topic, recorder)
  await clock.advance(60_000)
  expect({ shown: recorder.shown, trouble: replica.trouble }).toEqual({ shown: [], trouble: 'starting' })
  await replica.start()
  await clock.advance(50)
  expect(recorder.last).toEqual([1, 0])
})

test('a replica that is stopped while it starts leaves the cluster', async () => {
  const clock = new FakeClock()
  const cluster = new MemoryCluster()
  const replica = replicaOf(cluster, clock, 0)
  replica.tracker.track(topic, user)
  const starting = replica.start()
  await Promise.all([replica.stop(), starting])
  await clock.advance(60_000)
  expect({ size: cluster.size, timers: clock.timers, trouble: replica.trouble }).toEqual({
    size: 0,
    timers: 0,
    trouble: 'stopping',
  })
})

test('flush listeners receive the final zero of a topic that all sockets left, which is then unwatched', async () => {
  const { clock, replica, recorder } = await open(0)
  const flushed: Totals[] = []
  replica.scheduler.onFlush(({ totals }) => flushed.push(totals))
  replica.tracker.track(topic, viewer)
  await clock.advance(1000)
  replica.scheduler.unsubscribe(topic, recorder)
  replica.tracker.untrack(topic, viewer)
  await clock.advance(500)
  expect(flushed).toEqual([
    [0, 1],
    [0, 0],
  ])
  expect(replica.watched.size).toBe(1)
  await clock.advance(1000)
  expect(replica.watched.size).toBe(0)
})

interface Step {
  readonly wait: number
  readonly replica: number
  readonly person: number | null
  readonly group: number
  readonly leave: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  wait: fc.constantFrom(0, 1, 20, 60, 300, 1200),
  replica: fc.nat(2),
  person: fc.option(fc.nat(2)),
  group: fc.nat(1),
  leave: fc.boolean(),
})

test('in random schedules over three replicas, both units, all shown counts were true within the window', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.constantFrom(0, 500, 2000), async (steps, settle) => {
      const clock = new FakeClock()
      const cluster = new MemoryCluster()
      const replicas = await Promise.all([1, 2, 3].map(() => startReplica(cluster, clock, settle)))
      const recorders = replicas.map(({ scheduler }) => {
        const recorder = new Recorder(clock)
        scheduler.subscribe(topic, recorder)
        return recorder
      })
      const reader = cluster.engine()
      const truth: { readonly at: number; readonly totals: Totals }[] = []
      await reader.open('reader', {
        groups: 2,
        lease: 10_000,
        changed: (_, totals) => truth.push({ at: clock.now(), totals }),
      })
      truth.push({ at: 0, totals: await reader.watch(topic) })
      await clock.advance()

      const present: { readonly replica: number; readonly group: number; readonly person: string | null }[] = []
      for (const { wait, replica, person, group, leave } of steps) {
        const i = leave ? present.findIndex((each) => each.replica === replica) : -1
        if (i >= 0) replicas[replica]!.tracker.untrack(topic, present.splice(i, 1)[0]!)
        else {
          present.push({ replica, group, person: person === null ? null : `person ${person}` })
          replicas[replica]!.tracker.track(topic, present.at(-1)!)
        }
        await clock.advance(wait)
      }
      const lastChange = truth.at(-1)!
      await clock.advance(settle + 100)

      for (const { shown, last } of recorders) {
        expect(last).toEqual(lastChange.totals)
        for (const { at, totals } of shown) {
          // A flush may wait for the interval of 50 ms.
          const current = truth.filter((_, i) => (truth[i + 1]?.at ?? at) >= at - settle - 50)
          expect(current.map((each) => each.totals)).toContainEqual(totals)
        }
      }
    }),
    { numRuns: 300 },
  )
}, 60_000)

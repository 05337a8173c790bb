import { expect, test } from 'vitest'
import type { Engine } from './engine/engine.js'
import { memoryEngine } from './engine/memory-engine.js'
import { FakeClock } from './runtime/fake-clock.js'
import { type DurationName, noMetrics } from './runtime/metrics.js'
import { replicaOn } from './test/replica.js'

const viewer = { group: 1, person: null }
const ada = { group: 0, person: 'ada' }
const adaAsViewer = { group: 1, person: 'ada' }

/** A replica with a subscriber of `video:1`, and the durations that it observed. */
async function setUp({ engine = memoryEngine(), settle = 0 }: { engine?: Engine; settle?: number } = {}) {
  const clock = new FakeClock()
  const observed: [name: DurationName, seconds: number, label: string | undefined][] = []
  const replica = replicaOn(clock, {
    engine,
    metrics: { ...noMetrics, observe: (name, seconds, label) => void observed.push([name, seconds, label]) },
    display: (topic) => ({ settle, shield: 0, ...(topic === 'video:1' && { pattern: 'video:*' }) }),
  })
  await replica.start()
  replica.scheduler.subscribe('video:1', { index: -1, lastFlush: 0, state() {}, diff: () => true })
  await clock.advance(1_000)
  observed.length = 0
  const durations = (name: DurationName) => observed.filter(([each]) => each === name).map(([, seconds]) => seconds)
  return { clock, replica, observed, durations }
}

test('a join of a quiet topic is visible at once, and the next one after the rest of the flush interval', async () => {
  const { clock, replica, observed, durations } = await setUp()
  replica.tracker.track('video:1', viewer)
  await clock.advance(10)
  replica.tracker.track('video:1', viewer)
  await clock.advance(1_000)
  expect(durations('visible')).toEqual([0, 0.04])
  expect(observed.filter(([name]) => name === 'visible').map(([, , pattern]) => pattern)).toEqual([
    'video:*',
    'video:*',
  ])
})

test('the time until a join is visible includes the wait for its commit, and for a retry', async () => {
  const memory = memoryEngine()
  let isAway = false
  const commit: Engine['commit'] = async (changes) => {
    if (isAway) throw new Error('unreachable')
    return memory.commit(changes)
  }
  const { clock, replica, durations } = await setUp({ engine: { ...memory, commitInterval: 200, commit } })
  replica.tracker.track('video:1', viewer)
  await clock.advance(10)
  replica.tracker.track('video:1', viewer)
  await clock.advance(1_000)
  isAway = true
  replica.tracker.track('video:1', viewer)
  await clock.advance(500)
  isAway = false
  await clock.advance(1_000)
  expect(durations('visible')).toEqual([0, 0.19, 1])
})

test('a leave, which may wait for the settle time, is not a join', async () => {
  const { clock, replica, durations } = await setUp({ settle: 3_000 })
  replica.tracker.track('video:1', viewer)
  await clock.advance(1_000)
  replica.tracker.untrack('video:1', viewer)
  await clock.advance(10_000)
  expect(durations('visible')).toEqual([0])
})

test('a join that changes no count is not measured, not even by a later change', async () => {
  const engine = memoryEngine()
  const { clock, replica, durations } = await setUp({ engine })
  replica.tracker.track('video:1', ada)
  await clock.advance(1_000)
  replica.tracker.track('video:1', viewer)
  replica.tracker.untrack('video:1', ada)
  replica.tracker.track('video:1', ada)
  replica.tracker.untrack('video:1', viewer)
  await clock.advance(5_000)
  replica.tracker.untrack('video:1', ada)
  await clock.advance(1_000)
  expect(durations('visible')).toEqual([0])
})

test('a topic without a pattern is in no metric of patterns', async () => {
  const { clock, replica, durations } = await setUp()
  replica.scheduler.subscribe('internal', { index: -1, lastFlush: 0, state() {}, diff: () => true })
  replica.tracker.track('internal', viewer)
  await clock.advance(1_000)
  expect(durations('visible')).toEqual([])
  expect(replica.presences).toEqual([])
})

test('a broadcast is late by the time that the event loop was blocked', async () => {
  const { clock, replica, durations } = await setUp()
  replica.tracker.track('video:1', viewer)
  await clock.advance()
  replica.tracker.track('video:1', viewer)
  await clock.advance()
  clock.jump(250)
  await clock.advance(1_000)
  expect(durations('flush_late')).toEqual([0, 0.2])
})

test('the time of a commit and the age of the lease are those of accepted commits', async () => {
  const engine = memoryEngine()
  let isAway = false
  let takeTime = () => {}
  const commit: Engine['commit'] = async (changes) => {
    takeTime()
    if (isAway) throw new Error('away')
    return engine.commit(changes)
  }
  const { clock, replica, durations } = await setUp({ engine: { ...engine, commit } })
  takeTime = () => clock.jump(20)
  replica.tracker.track('video:1', viewer)
  await clock.advance(20)
  expect(durations('commit')).toEqual([0.02])
  expect(replica.leaseAge).toBe(20)
  isAway = true
  await clock.advance(30_000)
  expect(replica.leaseAge).toBeGreaterThan(29_000)
  expect(durations('commit')).toEqual([0.02])
  isAway = false
  await clock.advance(1_500)
  expect(replica.leaseAge).toBeLessThan(2_000)
})

test('presences are counted by pattern and group: a person once, in the group of the person', async () => {
  const { replica } = await setUp()
  const values = () => replica.presences.map(({ labels, value }) => [...labels, value])
  replica.tracker.track('video:1', viewer)
  replica.tracker.track('video:1', adaAsViewer)
  expect(values()).toEqual([
    ['video:*', 'users', 0],
    ['video:*', 'viewers', 2],
  ])
  replica.tracker.track('video:1', ada)
  replica.tracker.track('video:1', ada)
  expect(values().map(([, , value]) => value)).toEqual([1, 1])
  for (const presence of [ada, ada, viewer]) replica.tracker.untrack('video:1', presence)
  expect(values().map(([, , value]) => value)).toEqual([0, 1])
  replica.tracker.untrack('video:1', adaAsViewer)
  expect(values().map(([, , value]) => value)).toEqual([0, 0])
})

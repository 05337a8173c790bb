import { expect, test } from 'vitest'
import { Canary } from './canary.js'
import type { Engine } from './engine/engine.js'
import { MemoryCluster } from './engine/memory-engine.js'
import { FakeClock } from './runtime/fake-clock.js'
import { noMetrics } from './runtime/metrics.js'
import { replicaOn } from './test/replica.js'

/** A canary that measures every 5 s, on an engine whose commits take 20 ms, or fail while it is unreachable. */
async function setUp(cluster = new MemoryCluster(), clock = new FakeClock(), id = 'a') {
  const inner = cluster.engine()
  const state = { isAway: false, isStuck: false }
  const commit: Engine['commit'] = async (changes) => {
    if (state.isAway) throw new Error('away')
    if (state.isStuck) return new Promise(() => {})
    if (changes.length > 0) await new Promise<void>((resolve) => clock.after(20, resolve))
    return inner.commit(changes)
  }
  const seconds: number[] = []
  const metrics = {
    ...noMetrics,
    observe: (name: string, one: number) => void (name === 'freshness' && seconds.push(one)),
  }
  const flushed: string[] = []
  const replica = replicaOn(clock, { id, engine: { ...inner, commit }, metrics })
  replica.scheduler.onFlush(({ topic }) => flushed.push(topic))
  const canary = new Canary({ replica, interval: 5_000, clock, metrics })
  await replica.start()
  canary.start()
  return { cluster, clock, replica, canary, seconds, flushed, state }
}

test('each measurement is the time from a join or leave until the canary is sent the count', async () => {
  const { clock, canary, seconds } = await setUp()
  await clock.advance(16_000)
  expect(seconds).toEqual([0.02, 0.02, 0.02])
  expect(canary.staleness).toBe(20)
})

test('replicas measure apart from each other', async () => {
  const a = await setUp()
  const b = await setUp(a.cluster, a.clock, 'b')
  await a.clock.advance(11_000)
  expect([a.seconds, b.seconds]).toEqual([
    [0.02, 0.02],
    [0.02, 0.02],
  ])
})

test.each(['isAway', 'isStuck'] as const)('staleness grows while the engine %s', async (fault) => {
  const { clock, canary, seconds, state } = await setUp()
  await clock.advance(6_000)
  state[fault] = true
  await clock.advance(60_000)
  expect(canary.staleness).toBeGreaterThan(55_000)
  expect(seconds).toEqual([0.02])
})

test('a count ends the measurement only once the engine has accepted the commit', async () => {
  const { clock, canary, replica, seconds, state } = await setUp()
  await clock.advance(6_000)
  state.isAway = true
  await clock.advance(5_000)
  replica.watched.receiveTotals('\0canary a', [0, 0])
  await clock.advance(20_000)
  expect(seconds).toEqual([0.02])
  state.isAway = false
  await clock.advance(20_000)
  expect(seconds[1]).toBeGreaterThan(20)
  expect(seconds.at(-1)).toBe(0.02)
  expect(canary.staleness).toBe(20)
})

test('flush listeners are not called for it, and a stop removes its topic', async () => {
  const { cluster, clock, replica, canary, flushed, state } = await setUp()
  await clock.advance(6_000)
  state.isAway = true
  await clock.advance(5_000)
  state.isAway = false
  canary.stop()
  await clock.advance(5_000)
  expect(cluster.size).toBe(0)
  expect(flushed).toEqual([])
  await replica.stop()
  expect(clock.timers).toBe(0)
})

test('a canary that is stopped before its replica has started never starts', async () => {
  const { clock, replica, seconds } = await setUp()
  const other = new Canary({ replica, interval: 1_000, clock, metrics: noMetrics })
  other.stop()
  other.start()
  await clock.advance(4_000)
  expect(other.isWatching).toBe(false)
  expect(seconds).toEqual([])
})

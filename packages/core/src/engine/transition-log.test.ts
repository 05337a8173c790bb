import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../runtime/fake-clock.js'
import type { Level } from './levels.js'
import { MemoryCluster } from './memory-engine.js'
import { TransitionLog } from './transition-log.js'
import { type Delivery, maxDelivery, maxWaiting, type Transition } from './transitions.js'

const occupied: Level = { up: 1, down: 0, delay: 5_000 }

/** Reads and acknowledges everything. */
async function drain(log: TransitionLog, receiver = 'r'): Promise<Delivery[]> {
  const all: Delivery[] = []
  for (let next = await log.next(receiver); next !== undefined; next = await log.next(receiver)) {
    all.push(next)
    await log.acknowledge(receiver, next.id)
  }
  return all
}

const transitionsOf = (deliveries: readonly Delivery[]): Transition[] =>
  deliveries.flatMap((one) => (one.kind === 'transitions' ? one.transitions : []))

test('a receiver gets a sync first, and then every transition in order, each once', async () => {
  const log = new TransitionLog(() => [occupied], new FakeClock())
  log.changed('before', [1, 0])
  expect((await drain(log)).map(({ kind }) => kind)).toEqual(['sync'])
  for (let i = 0; i < 2.5 * maxDelivery; i++) log.changed(`t${i}`, [0, 2])
  const got = await drain(log)
  expect(got).toHaveLength(3)
  const all = transitionsOf(got)
  expect(all.map(({ topic }) => topic)).toEqual(Array.from({ length: 2.5 * maxDelivery }, (_, i) => `t${i}`))
  expect(all[0]).toMatchObject({ level: occupied, direction: 'up', totals: [0, 2] })
  const versions = all.map(({ version }) => version)
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
  expect(await drain(log)).toEqual([])
})

test('unacknowledged transitions are delivered again unchanged, even if others follow', async () => {
  const log = new TransitionLog(() => [occupied], new FakeClock())
  await drain(log)
  log.changed('a', [1, 0])
  const first = await log.next('r')
  log.changed('b', [1, 0])
  await log.acknowledge('r', 'another')
  expect(await log.next('r')).toEqual(first)
  await log.acknowledge('r', first!.id)
  expect(transitionsOf(await drain(log)).map(({ topic }) => topic)).toEqual(['b'])
})

test('a receiver that lags too far behind gets a sync, and the others lose nothing', async () => {
  const log = new TransitionLog(() => [occupied], new FakeClock())
  await Promise.all([drain(log, 'slow'), drain(log, 'quick')])
  log.changed('first', [1, 0])
  const given = await log.next('slow')
  expect(given!.kind).toBe('transitions')
  let got = 0
  for (let i = 0; i < maxWaiting + 1; i++) {
    log.changed(`t${i}`, [1, 0])
    if (i % 5_000 === 0) got += transitionsOf(await drain(log, 'quick')).length
  }
  got += transitionsOf(await drain(log, 'quick')).length
  expect(got).toBe(maxWaiting + 2)
  expect((await drain(log, 'slow')).map(({ kind }) => kind)).toEqual(['sync'])
})

test('a receiver that skips gets a sync', async () => {
  const log = new TransitionLog(() => [occupied], new FakeClock())
  await drain(log)
  log.changed('a', [1, 0])
  await log.skip('r')
  expect((await drain(log)).map(({ kind }) => kind)).toEqual(['sync'])
})

test('the topics above a level are those that have not passed down', async () => {
  const clock = new FakeClock()
  const log = new TransitionLog((topic) => (topic.startsWith('video:') ? [occupied] : []), clock)
  for (const topic of ['video:1', 'video:2', 'other']) log.changed(topic, [1, 2])
  log.changed('video:2', [0, 0])
  await clock.advance(5_000)
  const parts = []
  for await (const part of log.topicsAbove()) parts.push(...part)
  expect(parts).toEqual([{ topic: 'video:1', totals: [1, 2], version: expect.any(Number) }])
})

/** An action of a replica, and the pause after it. */
const stepOf = fc.record({
  i: fc.integer({ min: 0, max: 2 }),
  topic: fc.constantFrom('t0', 't1', 't2'),
  count: fc.integer({ min: 0, max: 3 }),
  wait: fc.integer({ min: 0, max: 4_000 }),
  restarts: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
  reads: fc.boolean(),
})

test('over three replicas, the last transition that a receiver got of a topic is true at the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepOf, { minLength: 20, maxLength: 60 }), async (steps) => {
      const clock = new FakeClock()
      const cluster = new MemoryCluster(clock)
      const levels = [occupied, { up: 4, down: 2, delay: 0 }]
      const engines = [0, 1, 2].map(() => cluster.engine())
      const open = (i: number) =>
        engines[i]!.open(`r${i}-${clock.now()}`, { groups: 1, lease: 1e9, changed() {}, levels: () => levels })
      await Promise.all(engines.map((_, i) => open(i)))
      const log = cluster.transitions!
      const received = new Map<string, Map<number, boolean>>()
      const rows = engines.map(() => new Map<string, number>())
      const receive = async (): Promise<void> => {
        for (let next = await log.next('r'); next !== undefined; next = await log.next('r')) {
          if (next.kind === 'transitions') {
            for (const { topic, level, direction } of next.transitions) {
              const known = received.get(topic) ?? new Map<number, boolean>()
              // Each level of a topic alternates between up and down.
              expect(known.get(level.up) ?? false).toBe(direction === 'down')
              received.set(topic, known.set(level.up, direction === 'up'))
            }
          }
          await log.acknowledge('r', next.id)
        }
      }
      await receive()
      for (const { i, topic, count, wait, restarts, reads } of steps) {
        if (restarts) {
          await engines[i]!.close()
          await open(i)
          rows[i]!.clear()
        } else {
          rows[i]!.set(topic, count)
          await engines[i]!.commit([{ topic, counts: [count], people: [], interval: 50 }])
        }
        await clock.advance(wait)
        if (reads) await receive()
      }
      await clock.advance(5_000)
      await receive()
      for (const topic of ['t0', 't1', 't2']) {
        const count = rows.reduce((sum, row) => sum + (row.get(topic) ?? 0), 0)
        expect(received.get(topic)?.get(1) ?? false).toBe(count >= 1)
        if (count >= 4 || count <= 2) expect(received.get(topic)?.get(4) ?? false).toBe(count >= 4)
      }
    }),
    { numRuns: 200 },
  )
})

import { MemoryCluster } from '@headcount/core'
import type { Totals } from '@headcount/protocol'
import { FakeClock } from '@headcount/testing'
import { expect, test, vi } from 'vitest'
import { Ports } from '../test/ports.js'
import { connectPair } from '../test/worker-pair.js'

const lease = 1_000
const change = (...counts: number[]) => ({ topic: 't', counts, people: [], interval: 50 })

/** A worker and a replica in the primary, which both watch `t`. */
async function setUp() {
  const clock = new FakeClock()
  const cluster = new MemoryCluster()
  const ports = new Ports()
  const { engine } = connectPair(ports, cluster, clock)
  const seen: { worker: Totals[]; primary: Totals[] } = { worker: [], primary: [] }
  const inPrimary = cluster.engine()
  await inPrimary.open('p', { groups: 2, lease, changed: (_, totals) => seen.primary.push(totals) })
  await inPrimary.watch('t')
  /** The outcome of a call, after the messages in both directions. */
  const settle = async <T>(call: Promise<T>): Promise<T> => {
    await clock.advance(40)
    return call
  }
  const changed = (topic: string, totals: Totals) => void (topic === 't' && seen.worker.push(totals))
  await settle(engine.open('w', { groups: 2, lease, changed }))
  await settle(engine.watch('t'))
  return { clock, ports, engine, inPrimary, seen, settle }
}

test('a worker that commits within its lease stays counted', async () => {
  const { clock, seen, engine, settle } = await setUp()
  expect(await settle(engine.commit([change(2, 1)]))).toBe('kept')
  for (let i = 0; i < 10; i++) {
    await clock.advance(lease * 0.8)
    expect(await settle(engine.commit([]))).toBe('kept')
  }
  expect(seen.primary).toEqual([[2, 1]])
})

test('an expired worker does not count; its next commit is lost, and it still receives watched topics', async () => {
  const { clock, seen, inPrimary, engine, settle } = await setUp()
  await settle(engine.commit([change(2, 1)]))
  await clock.advance(lease)
  expect(seen.primary.at(-1)).toEqual([0, 0])
  expect(await settle(engine.watch('other'))).toEqual([0, 0])
  expect(await settle(engine.read(['t']))).toEqual([[0, 0]])
  await inPrimary.commit([change(5, 0)])
  expect(await settle(engine.commit([change(3, 1)]))).toBe('lost')
  expect(seen.worker.at(-1)).toEqual([5, 0])
  expect(await settle(engine.commit([change(3, 1)]))).toBe('kept')
  expect(seen.primary.at(-1)).toEqual([8, 1])
  await inPrimary.commit([change(6, 0)])
  await clock.advance(40)
  expect(seen.worker.at(-1)).toEqual([9, 1])
})

test('a commit that arrived while the primary was busy renews the lease before it expires', async () => {
  const { clock, ports, seen, engine, settle } = await setUp()
  await settle(engine.commit([change(2, 1)]))
  ports.pause()
  const commit = engine.commit([])
  const soon = clock.soon.bind(clock)
  await clock.advance(lease - 50)
  // The timer of the lease runs first, and then the messages that have arrived.
  vi.spyOn(clock, 'soon').mockImplementationOnce((callback) => {
    ports.resume()
    soon(callback)
  })
  await clock.advance(100)
  expect(await commit).toBe('kept')
  expect(seen.primary).toEqual([[2, 1]])
})

test('a stopped worker receives few messages when it resumes, with the newest totals', async () => {
  const { clock, ports, inPrimary, seen } = await setUp()
  ports.pause()
  const before = ports.sent.length
  for (let i = 1; i <= 30; i++) {
    await inPrimary.commit([change(i, 0)])
    await clock.advance(25)
  }
  expect(ports.sent.length - before).toBe(1)
  ports.resume()
  await clock.advance(100)
  expect(seen.worker).toEqual([
    [1, 0],
    [30, 0],
  ])
})

test('a change of an earlier watch does not reach a later watch of the same topic', async () => {
  const { clock, ports, inPrimary, engine, seen, settle } = await setUp()
  ports.pause()
  await inPrimary.commit([change(1, 0)])
  await clock.advance(20)
  const calls = Promise.all([engine.unwatch('t'), engine.watch('t')])
  await clock.advance(20)
  ports.resume()
  await settle(calls)
  expect(seen.worker).toEqual([])
  await inPrimary.commit([change(2, 0)])
  await clock.advance(40)
  expect(seen.worker).toEqual([[2, 0]])
})

import { MemoryCluster } from '@headcount/core'
import type { Totals } from '@headcount/protocol'
import { FakeClock } from '@headcount/testing'
import { Ports } from 'tests/workers/ports.ts'
import { expect, test, vi } from 'vitest'
import { workerEngine } from './engine.js'
import { hostEngine } from './host.js'

const lease = 1_000

/** A cluster with a member in the primary itself, which hears of `t`, and a worker that watches `t`. */
async function start() {
  const clock = new FakeClock()
  const cluster = new MemoryCluster()
  const ports = new Ports()
  const end = hostEngine(ports.primary, { cluster, clock, lease })
  const told: Totals[] = []
  const here = cluster.engine()
  await here.open('here', (_, totals) => told.push(totals))
  await here.watch('t')
  const heard: Totals[] = []
  const worker = workerEngine(ports.worker)
  await worker.open('worker', (_, totals) => heard.push(totals))
  await worker.watch('t')
  return { clock, cluster, ports, end, told, here, heard, worker }
}

const hold = (...counts: number[]) => ({ topic: 't', counts, people: [], interval: 50 })

test('a worker that commits in time is counted for ever', async () => {
  const { clock, told, worker } = await start()
  expect(await worker.commit([hold(2, 1)])).toBe('kept')
  for (let i = 0; i < 10; i++) {
    await clock.advance(lease * 0.9)
    expect(await worker.commit([])).toBe('kept')
  }
  expect(told).toEqual([[2, 1]])
})

test('a worker that is silent for its lease counts no more; back, it is lost, and watches what it watched', async () => {
  const { clock, told, here, heard, worker } = await start()
  await worker.commit([hold(2, 1)])
  await clock.advance(lease)
  expect(told).toEqual([
    [2, 1],
    [0, 0],
  ])
  await here.commit([hold(5, 0)])
  expect(await worker.commit([hold(3, 1)])).toBe('lost')
  expect(await worker.commit([hold(3, 1)])).toBe('kept')
  await clock.advance(100)
  expect(told.at(-1)).toEqual([8, 1])
  expect(heard.at(-1)).toEqual([8, 1])
  await here.commit([hold(6, 0)])
  await clock.advance(100)
  expect(heard.at(-1)).toEqual([9, 1])
})

test('a worker that is asked for something else first after its lease is lost all the same', async () => {
  const { clock, worker } = await start()
  await worker.commit([hold(2, 1)])
  await clock.advance(lease)
  expect(await worker.watch('other')).toEqual([0, 0])
  expect(await worker.read(['t'])).toEqual([[0, 0]])
  expect(await worker.commit([])).toBe('lost')
  expect(await worker.commit([hold(2, 1)])).toBe('kept')
})

test('a commit that waited while the primary was held up comes before the end of the lease', async () => {
  const { clock, ports, told, worker } = await start()
  await worker.commit([hold(2, 1)])
  ports.pause()
  const answer = worker.commit([])
  const soon = clock.soon.bind(clock)
  // The timer of the lease goes first, then what has arrived meanwhile is read.
  vi.spyOn(clock, 'soon').mockImplementationOnce((act) => {
    ports.resume()
    soon(act)
  })
  await clock.advance(lease)
  expect(await answer).toBe('kept')
  expect(told).toEqual([[2, 1]])
})

test('a worker whose process has died is forgotten at once', async () => {
  const { told, end, ports, worker, cluster, here } = await start()
  await worker.commit([hold(2, 1)])
  ports.cut()
  await end()
  expect(told).toEqual([
    [2, 1],
    [0, 0],
  ])
  await here.close()
  expect(cluster.size).toBe(0)
})

test('a worker that stands still finds one message of news when it goes on, and the newest', async () => {
  const { clock, ports, here, heard } = await start()
  ports.pause()
  const before = ports.crossed.length
  for (let i = 1; i <= 40; i++) {
    await here.commit([hold(i, 0)])
    await clock.advance(25)
  }
  expect(ports.crossed.length - before).toBe(1)
  ports.resume()
  await clock.advance(100)
  expect(heard).toEqual([
    [1, 0],
    [40, 0],
  ])
})

test('news of a busy topic is gathered, and of a quiet one told at once', async () => {
  const { clock, here, heard } = await start()
  await here.commit([hold(1, 0)])
  await clock.advance()
  expect(heard).toEqual([[1, 0]])
  for (let i = 2; i <= 9; i++) {
    await here.commit([hold(i, 0)])
    await clock.advance(2)
  }
  expect(heard).toEqual([[1, 0]])
  await clock.advance(20)
  expect(heard).toEqual([
    [1, 0],
    [9, 0],
  ])
})

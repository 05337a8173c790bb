import { MemoryCluster } from '@headcount/core'
import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import { Drain } from './drain.js'
import type { FakeClient } from './test/fake-client.js'
import { counts, TestServer } from './test/test-server.js'

/** A server with some clients in one topic, beside another server of the same cluster with one observer. */
async function serverWith(size: number) {
  const clock = new FakeClock()
  const cluster = new MemoryCluster()
  const server = await TestServer.open({ clock, engine: cluster.engine() })
  const other = await TestServer.open({ clock, engine: cluster.engine() })
  const clients = Array.from({ length: size }, () => server.connect())
  for (const client of clients) client.join('a')
  const watcher = other.joining('a', { observe: true })
  await clock.advance(1000)
  watcher.received.length = 0
  const events: string[] = []
  const drain = new Drain({
    ...{ sockets: server.sockets, replica: server.replica, clock },
    refuse: () => void events.push(`refuse at ${clock.now()}`),
    handled: async () => {},
    answering: () => 0,
    closed: async () => void events.push(`closed at ${clock.now()}`),
  })
  const begin = clock.now()
  const isClosed = ({ closedWith }: FakeClient): boolean => closedWith !== undefined
  return { clock, clients, other, watcher, events, drain, begin, closed: () => clients.filter(isClosed).length }
}

test('without options all sockets are closed at once, after their presences were removed', async () => {
  const { clock, drain, closed, watcher, events, begin } = await serverWith(10)
  const drained = drain.run()
  expect(drain.hasBegun).toBe(true)
  // Whether the commit has ended is polled every 10 ms.
  await clock.advance(10)
  expect(closed()).toBe(10)
  await drained
  expect(events).toEqual([`refuse at ${begin}`, `closed at ${begin + 10}`])
  await clock.advance(1000)
  expect(watcher.counts.get('a')).toEqual(counts(0, 0))
})

test('during the delay sockets stay, then they are closed with 1012 in even batches', async () => {
  const { clock, clients, drain, closed, events, begin } = await serverWith(100)
  const drained = drain.run({ delay: 5000, over: 1000 })
  await clock.advance(4999)
  expect(closed()).toBe(0)
  expect(events).toEqual([])
  const closedAt: number[] = []
  for (let i = 0; i < 11; i++) {
    await clock.advance(100)
    closedAt.push(closed())
  }
  expect(closedAt.slice(0, 4)).toEqual([10, 20, 30, 40])
  expect(closed()).toBe(100)
  expect(clients[0]?.closedWith).toEqual({ code: 1012, reason: 'the server restarts' })
  await drained
  expect(events[0]).toBe(`refuse at ${begin + 5000}`)
})

test('clients that reconnect to another replica at once are never counted twice', async () => {
  const { clock, clients, drain, other, watcher } = await serverWith(100)
  void drain.run({ over: 1000 })
  const back = new Set<FakeClient>()
  for (let ms = 0; ms < 1500; ms++) {
    await clock.advance(1)
    for (const client of clients) {
      if (client.closedWith === undefined || back.has(client)) continue
      back.add(client)
      other.connect().join('a')
    }
  }
  expect(back.size).toBe(100)
  const shown = watcher.events('presence_diff').map(({ payload }) => {
    return (payload as { counts: { viewers: { count: number } } }).counts.viewers.count
  })
  expect(Math.max(...shown)).toBeLessThanOrEqual(100)
  expect(Math.min(...shown)).toBeGreaterThanOrEqual(80)
  expect(watcher.counts.get('a')).toEqual(counts(0, 100))
})

test.each([100, 5500])('a second call %i ms later completes the first one at once', async (ms) => {
  const { clock, drain, closed } = await serverWith(50)
  const first = drain.run({ delay: 5000, over: 10_000 })
  await clock.advance(ms)
  expect(closed()).toBeLessThan(10)
  const second = drain.run()
  await clock.advance(20)
  expect(closed()).toBe(50)
  await Promise.all([first, second])
})

test('a server without clients only waits for the delay', async () => {
  const { clock, drain, events, begin } = await serverWith(0)
  void drain.run({ delay: 5000, over: 10_000 })
  await clock.advance(5000)
  expect(events).toEqual([`refuse at ${begin + 5000}`, `closed at ${begin + 5000}`])
})

import { MemoryCluster } from '@headcount/core'
import { FakeClock } from '@headcount/core/fake-clock'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FakeClient } from '../test/fake-client.js'
import { TestServer } from '../test/test-server.js'

const topics = [
  { pattern: 'a', shield: 5, alsoIn: ['site'] },
  { pattern: 'site', shield: 10 },
]
const below = { count: 0, below: 5 }

async function open(clock = new FakeClock(), cluster = new MemoryCluster()) {
  // These clients answer no pings.
  const limits = { pingAfter: 1e9 }
  return TestServer.open({ topics, clock, engine: cluster.engine(), limits })
}

test('state and diff show fewer than five, then steps of five, at ticks', async () => {
  const server = await open()
  const clients = Array.from({ length: 7 }, () => server.connect())
  for (const client of clients) client.join('a')
  await server.clock.advance(9_000)
  expect(clients[0]!.events('presence_state').map(({ payload }) => payload)).toEqual([{ users: below, viewers: below }])
  expect(clients[0]!.events('presence_diff')).toEqual([])
  await server.clock.advance(1_000)
  expect(clients[0]!.events('presence_diff').map(({ payload }) => payload)).toEqual([
    {
      joins: { users: { count: 0 }, viewers: { count: 5 } },
      leaves: { users: { count: 0 }, viewers: { count: 0 } },
      counts: { users: below, viewers: { count: 5 } },
    },
  ])
  for (const client of clients.slice(1)) client.disconnect()
  expect(await server.committed('a', { after: 20_000 })).toEqual({ users: below, viewers: below })
  expect(clients[0]!.counts.get('a')).toMatchObject({ viewers: { count: 0 } })
})

test('no frame is sent while the shown number does not change', async () => {
  const server = await open()
  const watcher = server.joining('a')
  await server.clock.advance(20_000)
  watcher.received.length = 0
  for (let i = 0; i < 20; i++) {
    const client = server.joining('a')
    await server.clock.advance(3_000)
    client.disconnect()
    await server.clock.advance(4_000)
  }
  expect(watcher.received).toEqual([])
})

test('a topic without channels shows a reader no change before a tick', async () => {
  const clock = new FakeClock(1_000)
  const cluster = new MemoryCluster()
  const [server, other] = [await open(clock, cluster), await open(clock, cluster)]
  const viewers = async () => (await other.committed('a')).viewers
  for (let i = 0; i < 5; i++) server.connect().join('a')
  await clock.advance(100)
  expect(await viewers()).toEqual({ count: 5 })
  for (let i = 0; i < 5; i++) server.connect().join('a')
  for (; clock.now() < 9_900; await clock.advance(1_000)) expect(await viewers()).toEqual({ count: 5 })
  await clock.advance(1_000)
  expect(await viewers()).toEqual({ count: 10 })
})

interface Step {
  readonly wait: number
  readonly replica: number
  readonly user: boolean
  readonly leave: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  wait: fc.constantFrom(0, 20, 700, 4_000, 11_000),
  replica: fc.nat(1),
  user: fc.boolean(),
  leave: fc.boolean(),
})

test("in random schedules over two replicas, the article's reducer computes the shown counts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new FakeClock(3_333)
      const cluster = new MemoryCluster()
      const servers = [await open(clock, cluster), await open(clock, cluster)]
      const watchers = servers.map((server) => server.connect())
      for (const watcher of watchers) for (const topic of ['a', 'site']) watcher.join(topic, { observe: true })
      const present: { readonly client: FakeClient; readonly user: boolean }[] = []
      for (const { wait, replica, user, leave } of steps) {
        if (leave) present.pop()?.client.disconnect()
        else {
          const client = servers[replica]!.connect({ userId: user ? 'ada' : null })
          client.join('a')
          present.push({ client, user })
        }
        await clock.advance(wait)
      }
      await clock.advance(20_100)
      const users = present.filter(({ user }) => user).length
      const rounded = (k: number) => [users, present.length - users].map((count) => Math.floor(count / k) * k)
      for (const watcher of watchers) {
        expect(watcher.wrongDiffs).toEqual([])
        for (const [topic, k] of [
          ['a', 5],
          ['site', 10],
        ] as const) {
          const shown = watcher.counts.get(topic)!
          expect([shown.users.count, shown.viewers.count]).toEqual(rounded(k))
        }
        for (const { payload, topic } of [...watcher.events('presence_state'), ...watcher.events('presence_diff')]) {
          const { counts = payload } = payload as { counts?: unknown }
          for (const count of Object.values(counts as object)) {
            const k = topic === 'a' ? 5 : 10
            if (count.count === 0) expect(count).toEqual({ count: 0, below: k })
            else expect(count).toEqual({ count: expect.any(Number) })
            expect(count.count % k).toBe(0)
          }
        }
      }
    }),
    { numRuns: 60 },
  )
})

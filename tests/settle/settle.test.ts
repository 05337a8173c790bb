import { pause, random, until } from '@headcount/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { LoadClient } from '../../tools/load/client.mjs'
import { startServer } from '../../tools/processes/server.mjs'
import { tokenFor } from '../../tools/processes/token.mjs'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'
import { ReturningClients, stockDelay } from './returning-clients.js'

const size = 1000
/** The clients of the rolling restart. */
const many = 3000
/** Maximum handshakes per second at a remaining replica: docs/CLUSTER.md states it. */
const handshakesPerSecond = 500
const topic = 'video:1'
const secret = 'a secret of thirty-two characters.'

vi.setConfig({ testTimeout: 120_000 })

const serve = (...flags: string[]) => startServer(flags, { env: { HEADCOUNT_JWT_SECRET: secret } })

/** Waits until all clients show the full count, and starts recording. */
async function joined(clients: ReturningClients, total = size): Promise<void> {
  await clients.join()
  await until('all clients to show the whole', () => clients.show(total), { within: 30_000 })
  for (const client of clients.all) client.trace = []
}

/** Every other total that a client was shown while it stayed connected. */
function dips(clients: readonly LoadClient[], total = size): number[] {
  return clients.flatMap(({ trace = [] }) => trace.filter((value, i) => i % 2 === 1 && value !== total))
}

/** Connects and joins new clients one after another, and records each duration. Returns a function to stop it. */
function bystanders(server: string, joins: number[]): () => Promise<void> {
  let isStopped = false
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const client = new LoadClient({ url: server, topic: 'video:2' })
      const start = performance.now()
      if ((await client.connect()) && (await client.join())) joins.push(performance.now() - start)
      client.drop()
      await pause(20)
    }
  }
  const running = run()
  return () => {
    isStopped = true
    return running
  }
}

/** The maximum number of these times, in ms and in order, within one second. */
function mostInASecond(times: readonly number[]): number {
  let first = 0
  return times.reduce((most, time, i) => {
    while (time - times[first]! >= 1000) first += 1
    return Math.max(most, i - first + 1)
  }, 0)
}

const url = (server: { url: string }): string => server.url.replace('http', 'ws')

describe.concurrent('one server', () => {
  const cleanup = cleanups(afterAll)
  const join = async (count: number, seed: number, ...flags: string[]) => {
    const server = await serve(...flags)
    cleanup(() => server.kill())
    const clients = new ReturningClients(count, topic, () => [url(server)], random(seed).next)
    cleanup(() => clients.stop())
    await joined(clients, count)
    return clients
  }

  test('page reloads change nothing for the clients that stay', async () => {
    const clients = await join(size, 1, '--settle', '3000')
    for (const client of clients.all.slice(0, 100)) clients.reload(client)
    await until('all clients to be back', () => clients.show(size))
    await pause(3500)
    expect(clients.show(size)).toBe(true)
    expect(dips(clients.all.slice(100))).toEqual([])
  })

  test('without settle a page reload shows at once', async () => {
    const clients = await join(10, 1)
    const [first, second] = clients.all
    clients.reload(first!)
    await until('the client to be back', () => clients.show(10) && second!.trace!.length >= 4)
    expect(second!.trace!.filter((_, i) => i % 2 === 1)).toEqual([9, 10])
  })

  test('a sign-in over a new socket moves one viewer to the users in one step', async () => {
    const clients = await join(size, 2, '--settle', '3000')
    const shown = new Set<string>()
    const watcher = clients.all[1]!
    const apply = watcher.presence.apply.bind(watcher.presence)
    watcher.presence.apply = (event, payload) => {
      apply(event, payload)
      const { users, viewers } = watcher.presence.counts!
      shown.add(`${users!.count} users, ${viewers!.count} viewers`)
    }
    const client = clients.all[0]!
    client.token = await tokenFor(secret, '7')
    clients.reload(client)
    await until('the user to show', () => shown.size > 0)
    await pause(3500)
    expect([...shown]).toEqual(['1 users, 999 viewers'])
    expect(dips(clients.all.slice(1))).toEqual([])
  })
})

describeWith('redis', 'over Redis', () => {
  const redis = withRedis()
  const cleanup = cleanups()
  let replicas: Awaited<ReturnType<typeof serve>>[]
  beforeAll(async () => {
    const flags = ['--redis', redis().url, '--settle', '3000']
    replicas = await Promise.all([1, 2, 3].map(() => serve(...flags)))
  })
  afterAll(() => Promise.all(replicas.map((replica) => replica.kill())))

  test('a rolling restart of three replicas loses no client, and shows no dip to those that stay', async () => {
    const ready = new Set(replicas)
    const urls = (): string[] => [...ready].map(url)
    const clients = new ReturningClients(many, topic, urls, random(3).next, stockDelay)
    cleanup(() => clients.stop())
    await joined(clients, many)
    const joins: number[] = []
    for (const replica of replicas) {
      const staying = clients.all.filter((client) => client.url !== url(replica))
      for (const client of clients.all) client.trace = []
      clients.connects.clear()
      ready.delete(replica)
      const stopped = replica.stop()
      const stopBystanders = bystanders(urls()[0]!, joins)
      await stopped
      await replica.start()
      await until('all clients to be back', () => clients.show(many), { within: 20_000 })
      await stopBystanders()
      ready.add(replica)
      expect(staying.length).toBeGreaterThanOrEqual(many / 4)
      expect(dips(staying, many)).toEqual([])
      const busiest = [...clients.connects.values()].map(mostInASecond)
      console.info(`handshakes in the busiest second at each survivor: ${busiest.join(' and ')}`)
      expect(Math.max(...busiest)).toBeLessThanOrEqual(handshakesPerSecond)
    }
    expect(clients.all.flatMap(({ presence }) => presence.faults)).toEqual([])
    joins.sort((a, b) => a - b)
    const [p50, p99] = [0.5, 0.99].map((share) => Math.round(joins[Math.floor(joins.length * share)]!))
    console.info(`joins of ${joins.length} bystanders: p50 ${p50} ms, p99 ${p99} ms`)
    expect(p50).toBeLessThan(100)
  })

  test('a Redis that is restarted empty shows no dip', async () => {
    // The clients of the rolling restart may still be counted in theirs.
    const topic = 'video:3'
    const clients = new ReturningClients(size, topic, () => replicas.map(url), random(4).next)
    cleanup(() => clients.stop())
    await joined(clients)
    await redis().restartEmpty()
    await until(
      'Redis to hold the whole again',
      async () => (await redis().command('EXISTS', `hc:{0}:topic:${topic}`)) === '1',
    )
    await pause(8000)
    expect(clients.show(size)).toBe(true)
    expect(dips(clients.all)).toEqual([])
  })
})

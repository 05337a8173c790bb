import { pause, random, until } from '@headcount/testing'
import { afterEach, expect, test, vi } from 'vitest'
import type { LoadClient } from '../../tools/load/client.mjs'
import { startRedis } from '../../tools/processes/redis.mjs'
import { startServer } from '../../tools/processes/server.mjs'
import { tokenFor } from '../../tools/processes/token.mjs'
import { describeWith } from '../support/needs.js'
import { ReturningClients } from './returning-clients.js'

const size = 1000
const topic = 'video:1'
const secret = 'a secret of thirty-two characters.'

vi.setConfig({ testTimeout: 120_000 })

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function serve(...flags: string[]) {
  const server = await startServer(flags, { env: { HEADCOUNT_JWT_SECRET: secret } })
  cleanups.push(() => server.kill())
  return server
}

/** Waits until all clients show the whole, and then records from now on. */
async function joined(clients: ReturningClients): Promise<void> {
  cleanups.push(() => clients.stop())
  await clients.join()
  await until('all clients to show the whole', () => clients.show(size), { within: 30_000 })
  for (const client of clients.all) client.trace = []
}

/** Every total that a client was shown while it stayed connected, other than the whole. */
function dips(clients: readonly LoadClient[]): number[] {
  return clients.flatMap(({ trace = [] }) => trace.filter((value, i) => i % 2 === 1 && value !== size))
}

const url = (server: { url: string }): string => server.url.replace('http', 'ws')

test('page reloads change nothing for the clients that stay', async () => {
  const server = await serve('--settle', '3000')
  const clients = new ReturningClients(size, topic, () => [url(server)], random(1).next)
  await joined(clients)
  for (const client of clients.all.slice(0, 100)) clients.reload(client)
  await until('all clients to be back', () => clients.show(size))
  await pause(3500)
  expect(clients.show(size)).toBe(true)
  expect(dips(clients.all.slice(100))).toEqual([])
})

test('without settle a page reload shows at once', async () => {
  const server = await serve()
  const clients = new ReturningClients(10, topic, () => [url(server)], random(1).next)
  cleanups.push(() => clients.stop())
  await clients.join()
  await until('all clients to show the whole', () => clients.show(10))
  const [first, second] = clients.all
  second!.trace = []
  clients.reload(first!)
  await until('the client to be back', () => clients.show(10) && second!.trace!.length >= 4)
  expect(second!.trace!.filter((_, i) => i % 2 === 1)).toEqual([9, 10])
})

test('a sign-in over a new socket moves one viewer to the users in one step', async () => {
  const server = await serve('--settle', '3000')
  const clients = new ReturningClients(size, topic, () => [url(server)], random(2).next)
  await joined(clients)
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

describeWith('redis', 'over Redis', () => {
  async function cluster() {
    const redis = await startRedis()
    cleanups.push(() => redis.remove())
    const flags = ['--redis', redis.url, '--settle', '3000']
    const replicas = await Promise.all([1, 2, 3].map(() => serve(...flags)))
    return { redis, replicas }
  }

  test('a rolling restart of three replicas shows no dip to the clients that stay', async () => {
    const { replicas } = await cluster()
    const ready = new Set(replicas)
    const clients = new ReturningClients(size, topic, () => [...ready].map(url), random(3).next)
    await joined(clients)
    for (const replica of replicas) {
      const staying = clients.all.filter((client) => client.url !== url(replica))
      for (const client of clients.all) client.trace = []
      ready.delete(replica)
      await replica.stop()
      await replica.start()
      await until('all clients to be back', () => clients.show(size), { within: 20_000 })
      ready.add(replica)
      expect(staying.length).toBeGreaterThanOrEqual(size / 4)
      expect(dips(staying)).toEqual([])
    }
    const faults = clients.all.flatMap(({ presence }) => presence.faults)
    expect(faults).toEqual([])
  })

  test('a Redis that is restarted empty shows no dip', async () => {
    const { redis, replicas } = await cluster()
    const clients = new ReturningClients(size, topic, () => replicas.map(url), random(4).next)
    await joined(clients)
    await redis.restartEmpty()
    await until(
      'Redis to hold the whole again',
      async () => (await redis.command('EXISTS', `hc:{0}:topic:${topic}`)) === '1',
    )
    await pause(8000)
    expect(clients.show(size)).toBe(true)
    expect(dips(clients.all)).toEqual([])
  })
})

import { pause, until, WireClient } from '@headcount/testing'
import type { HeadcountServer } from '@headcount/tools/processes/server.mjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { newTopic } from '../support/topics.js'
import { withRedis } from '../support/with-redis.js'
import { openClientsShow, openOf, replaceWorker, startWorkers, workerPids } from '../support/workers.js'

/** In ms. Long enough that no lease expires in a test. */
const lease = 60_000

describeWith('redis', 'two servers with two workers each over Redis', () => {
  const redis = withRedis()
  const servers: HeadcountServer[] = []
  const cleanup = cleanups()
  beforeAll(async () => {
    const args = ['--redis', redis().url, '--lease', String(lease)]
    for (let i = 0; i < 2; i++) servers.push(await startWorkers(2, args))
  })
  afterAll(() => Promise.all(servers.map((server) => server.kill())))

  async function enterMany({ url }: HeadcountServer, topic: string, size: number): Promise<WireClient[]> {
    const clients: WireClient[] = []
    for (let i = 0; i < size; i++) {
      const client = await WireClient.open(url)
      cleanup(() => client.drop())
      clients.push(await client.enter(topic))
    }
    return clients
  }

  it('are replicas of one cluster', async () => {
    const topic = newTopic('video')
    const clients = (await Promise.all(servers.map((server) => enterMany(server, topic, 6)))).flat()
    await openClientsShow(clients, topic, 0, 12)
  })

  it('remove a killed worker at once, before its lease expires, and restart it', async () => {
    const topic = newTopic('video')
    const [here, elsewhere] = servers as [HeadcountServer, HeadcountServer]
    const clients = await enterMany(here, topic, 20)
    const others = await enterMany(elsewhere, topic, 2)
    await openClientsShow([...clients, ...others], topic, 0, 22)
    const start = performance.now()
    const replaced = replaceWorker(here, workerPids(here)[0]!, 'SIGKILL')
    await until('its clients to be disconnected', () => openOf(clients).length < 20)
    await pause(20)
    const left = openOf(clients)
    expect(left.length).toBeGreaterThan(0)
    await openClientsShow([...left, ...others], topic, 0, left.length + 2)
    expect(performance.now() - start).toBeLessThan(2_000)
    await replaced
    const more = await enterMany(here, topic, 2)
    await openClientsShow([...left, ...others, ...more], topic, 0, left.length + 4)
  })

  it('leave no keys when they drain', async () => {
    const topic = newTopic('video')
    const clients = (await Promise.all(servers.map((server) => enterMany(server, topic, 4)))).flat()
    await openClientsShow(clients, topic, 0, 8)
    for (const server of servers) expect(await server.stop()).toEqual({ code: 0, signal: null })
    // The version of a topic is kept for one flush interval.
    await until('no keys', async () => (await redis().command('KEYS', '*')) === '', { within: 2000 })
  })
})

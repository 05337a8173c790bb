import { pause, until } from '@headcount/testing'
import type { RedisServer } from '@headcount/tools/processes/redis.mjs'
import { type HeadcountServer, startServer } from '@headcount/tools/processes/server.mjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { jwtSecret } from '../support/cluster.js'
import { describeWith } from '../support/needs.js'
import { TopicClients } from '../support/topic-clients.js'
import { withRedis, withRedisCluster } from '../support/with-redis.js'

/** How soon, in ms, the clients of an exited process must no longer count. The default lease is 10 s. */
const noticed = 2_000
/** Longer than two checks of all replicas. */
const watched = 3_000

interface Servers {
  /** The value of `--redis`. */
  urls(): string
  nodes(): readonly RedisServer[]
}

describeWith('redis', 'a process that dies is noticed before its lease ends', () => {
  describeWith('redis', 'over Redis', () => {
    const redis = withRedis()
    crashTests({ urls: () => redis().url, nodes: () => [redis()] })
  })

  describeWith('redis', 'over a Redis Cluster', () => {
    const cluster = withRedisCluster()
    crashTests({
      urls: () =>
        cluster()
          .nodes.map(({ url }) => url)
          .join(','),
      nodes: () => cluster().nodes,
    })
  })
})

function crashTests({ urls, nodes }: Servers): void {
  const servers: HeadcountServer[] = []
  // Enough topics that each master of a Redis Cluster has some.
  const topics = Array.from({ length: 6 }, (_, i) => new TopicClients(`video:${i}`))

  const start = () => startServer(['--redis', urls()], { env: { HEADCOUNT_JWT_SECRET: jwtSecret } })
  const join = async (server: HeadcountServer, size: number) => {
    for (const clients of topics) await clients.join(server.url, size)
  }
  const converge = (within = 10_000) => Promise.all(topics.map((clients) => clients.converge(within)))
  /** Closes every client connection of Redis that `filter` matches, except that of `redis-cli`. */
  const killConnections = (...filter: string[]) =>
    Promise.all(nodes().map((node) => node.command('CLIENT', 'KILL', ...filter, 'SKIPME', 'yes')))
  const expired = () => servers.filter(({ output }) => output.includes('replica expired'))

  beforeAll(async () => {
    for (let i = 0; i < 2; i++) servers.push(await start())
    for (const server of servers) await join(server, 3)
    await converge()
  }, 60_000)
  afterAll(async () => {
    for (const clients of topics) clients.drop()
    await Promise.all(servers.map((server) => server.stop()))
  })

  it('but not one that lost all connections to Redis', async () => {
    for (const clients of topics) clients.boundBetween(clients.truth, clients.truth)
    for (const type of ['normal', 'pubsub']) await killConnections('TYPE', type)
    await pause(watched)
    for (const type of ['pubsub', 'normal']) await killConnections('TYPE', type)
    await pause(watched)
    expect(topics.flatMap(({ faults }) => faults)).toEqual([])
    expect(expired()).toEqual([])
    for (const clients of topics) clients.bound(undefined)
    await join(servers[1]!, 1)
    await converge()
  }, 60_000)

  it('within two seconds, after its clients left', async () => {
    const dying = await start()
    await join(dying, 4)
    await converge()
    await dying.kill()
    const took = Math.max(...(await converge(noticed)))
    console.info(`SIGKILL: right again after ${Math.round(took)} ms, with a lease of 10 s`)
    expect(expired().length).toBeGreaterThan(0)
  }, 60_000)

  it('within two seconds, after its clients moved to other replicas and counted twice in between', async () => {
    const dying = await start()
    await join(dying, 4)
    await converge()
    const killed = performance.now()
    await dying.kill()
    await join(servers[0]!, 4)
    await converge(killed + noticed - performance.now())
    await until('the lease to be gone', async () => {
      const leases = await Promise.all(nodes().map((node) => node.command('HLEN', 'hc:{0}:leases')))
      return leases[0] === String(servers.length)
    })
  }, 60_000)

  it('even if two exit at once', async () => {
    const dying = [await start(), await start()]
    for (const server of dying) await join(server, 2)
    await converge()
    await Promise.all(dying.map((server) => server.kill()))
    await converge(noticed)
  }, 60_000)

  it('but not a paused one, which keeps its connections', async () => {
    const [paused] = servers
    for (const clients of topics) clients.boundBetween(clients.truth, clients.truth)
    paused!.pause()
    await pause(watched)
    paused!.resume()
    await pause(500)
    expect(topics.flatMap(({ faults }) => faults)).toEqual([])
  }, 60_000)
}

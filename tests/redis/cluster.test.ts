import { redisEngine } from '@headcount/redis'
import { until } from '@headcount/testing'
import { createCluster } from '@redis/client'
import { afterEach, expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { redisCli } from '../support/redis.js'
import { withRedisCluster } from '../support/redis-cluster.js'
import { counts, openReplica, type TestReplica } from './replica.js'

const lease = 4_000
const topics = Array.from({ length: 40 }, (_, i) => `video:${i}`)

describeWith('redis', 'over a Redis Cluster of three masters', () => {
  const cluster = withRedisCluster({ nodeTimeout: 1_500 })
  const closing = new Set<() => Promise<void>>()
  afterEach(async () => {
    for (const close of closing) await close()
  })
  const urls = () => cluster.nodes.map(({ url }) => url)

  /** A replica that holds `n` of each group in every topic, watches all, and keeps its lease. */
  async function replica(n: () => number): Promise<TestReplica & { close(): Promise<void> }> {
    const opened = await openReplica({ urls: urls(), lease })
    await Promise.all(topics.map((topic) => opened.watch(topic)))
    const stop = opened.renew(() => topics.map((topic) => counts(topic, n(), n())))
    const close = async () => {
      closing.delete(close)
      stop()
      await opened.engine.close()
    }
    closing.add(close)
    return { ...opened, close }
  }

  const shows = (list: readonly TestReplica[], n: number, within = 2 * lease) =>
    until(
      `every topic to be ${n}`,
      () => list.every(({ now }) => topics.every((topic) => String(now(topic)) === `${n},${n}`)),
      {
        within,
        got: () => list.map(({ now }) => topics.map((topic) => now(topic)?.[0]).join(' ')).join(' | '),
      },
    )

  const say = async (one: TestReplica, n: number) => {
    const all = topics.map((topic) => counts(topic, n, n))
    await until('a commit to be kept', async () => (await one.engine.commit(all).catch(() => 'failed')) === 'kept', {
      within: 15_000,
    })
  }

  async function keys(): Promise<string[]> {
    const found: string[] = []
    for (const node of cluster.nodes.filter(({ running }) => running)) {
      const own = (await node.ask('--raw', 'KEYS', 'headcount:*')).split('\n').filter((key) => key !== '')
      const role = await node.ask('ROLE')
      if (role.startsWith('master')) found.push(...own)
    }
    return found
  }

  it('spreads topics over the masters, adds up, publishes by shard, and leaves nothing behind', async () => {
    const a = await replica(() => 1)
    const b = await replica(() => 2)
    await shows([a, b], 3)
    const holding = await Promise.all(cluster.nodes.map(async (node) => Number(await node.ask('DBSIZE')) > 0))
    expect(holding.filter(Boolean).length).toBeGreaterThanOrEqual(3)
    const stats = (await Promise.all(cluster.nodes.map((node) => node.ask('INFO', 'commandstats')))).join('')
    expect(stats).toContain('cmdstat_spublish')
    expect(stats).not.toContain('cmdstat_publish:')
    await a.close()
    await shows([b], 2)
    await b.close()
    await until('nothing to be left', async () => (await keys()).length === 0, { got: keys })
  })

  it('works on a cluster client of somebody else, and leaves it open', async () => {
    const client = createCluster({ rootNodes: urls().map((url) => ({ url })) })
    client.on('error', () => {})
    await client.connect()
    const engine = redisEngine(client)
    await engine.open('embedded', () => {})
    expect(await engine.watch('mine')).toEqual([0, 0])
    await engine.commit([counts('mine', 1, 2)])
    expect(await engine.read(['mine'])).toEqual([[1, 2]])
    await engine.close()
    expect(await client.set('still', 'open')).toBe('OK')
    await client.del('still')
    client.destroy()
  })

  it('is exact after slots have moved while counts went on', async () => {
    let n = 1
    const a = await replica(() => n)
    const b = await replica(() => 10)
    await shows([a, b], 11)
    const [from] = cluster.nodes
    const id = async (port: number) => (await redisCli('-p', String(port), 'CLUSTER', 'MYID')).trim()
    const to = cluster.nodes[1]!
    const reshard = redisCli(
      '--cluster',
      'reshard',
      `127.0.0.1:${from!.port}`,
      '--cluster-from',
      await id(from!.port),
      '--cluster-to',
      await id(to.port),
      '--cluster-slots',
      '1000',
      '--cluster-yes',
    )
    let moving = true
    const moved = reshard.finally(() => {
      moving = false
    })
    while (moving) {
      n++
      await say(a, n)
    }
    await moved
    n++
    await say(a, n)
    await shows([a, b], 10 + n)
    // And they are told at once again, not only when they ask.
    n++
    await say(a, n)
    await shows([b], 10 + n, 1_500)
    await a.close()
    await b.close()
    await until('nothing to be left', async () => (await keys()).length === 0, { got: keys })
  }, 120_000)

  it('is exact after a master was killed and its replica promoted', async () => {
    let n = 1
    const a = await replica(() => n)
    const b = await replica(() => 10)
    await shows([a, b], 11)
    const masters = await Promise.all(cluster.nodes.map(async (node) => (await node.ask('ROLE')).startsWith('master')))
    const victim = cluster.nodes[masters.indexOf(true)]!
    await victim.kill()
    n = 5
    const failed = performance.now()
    // What the others serve is told at once; the rest once the replica has taken over.
    await a.engine.commit(topics.map((topic) => counts(topic, n, n))).catch(() => {})
    const shown = topics.filter((topic) => a.now(topic)?.[0] === 15)
    expect(shown.length).toBe(topics.length)
    await cluster.settle()
    await say(a, n)
    await shows([a, b], 15)
    console.info(`exact ${Math.round(performance.now() - failed)} ms after a master was killed`)
    n = 6
    await say(a, n)
    await shows([b], 16, 1_500)
    await victim.start()
    await cluster.settle()
    n = 7
    await say(a, n)
    await shows([a, b], 17)
    await a.close()
    await b.close()
    await until('nothing to be left', async () => (await keys()).length === 0, { got: keys })
  }, 120_000)
})

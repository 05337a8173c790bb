import { redisEngine } from '@headcount/redis'
import { until } from '@headcount/testing'
import { runHeadcount } from '@headcount/tools/processes/server.mjs'
import { createCluster } from '@redis/client'
import { expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedisCluster } from '../support/with-redis.js'
import { counts, openReplica, rules, type TestReplica } from './replica.js'

const lease = 4_000
const topics = Array.from({ length: 40 }, (_, i) => `video:${i}`)

describeWith('redis', 'over a Redis Cluster of three masters, the engine', () => {
  const cluster = withRedisCluster({ nodeTimeout: 1_500 })
  const cleanup = cleanups()
  const urls = () => cluster().nodes.map(({ url }) => url)

  interface ClusterReplica extends TestReplica {
    /** Commits `n` of each group to every topic. */
    tryCommit(n: number): Promise<string>
    /** Commits until that is acknowledged. */
    commit(n: number): Promise<void>
    close(): Promise<void>
  }

  /** Opens a replica that has `n` of each group in every topic. */
  async function open(n: number): Promise<ClusterReplica> {
    const replica = await openReplica(cleanup, { urls: urls() }, { lease })
    await Promise.all(topics.map((topic) => replica.watch(topic)))
    let current = n
    const all = () => topics.map((topic) => counts(topic, current, current))
    const stop = replica.keepCommitting(all)
    const close = () => {
      stop()
      return replica.engine.close()
    }
    cleanup(close)
    const tryCommit = (next: number) => {
      current = next
      return replica.engine.commit(all()).catch(() => 'failed')
    }
    const commit = async (next: number) => {
      await until('a commit to be kept', async () => (await tryCommit(next)) === 'kept', { within: 15_000 })
    }
    return { ...replica, tryCommit, commit, close }
  }

  const shows = (replicas: readonly TestReplica[], n: number, within = 2 * lease) =>
    until(
      `every topic to be ${n}`,
      () => replicas.every(({ latest }) => topics.every((topic) => String(latest(topic)) === `${n},${n}`)),
      { within, got: () => replicas.map(({ latest }) => topics.map((topic) => latest(topic)?.[0]).join(' ')) },
    )

  async function isEmpty(): Promise<void> {
    const keys = async () => {
      const found: string[] = []
      for (const node of cluster().nodes.filter(({ running }) => running)) {
        if (!(await node.command('ROLE')).startsWith('master')) continue
        found.push(...(await node.command('KEYS', 'hc:*')).split('\n').filter((key) => key !== ''))
      }
      return found
    }
    await until('an empty cluster', async () => (await keys()).length === 0, { got: keys })
  }

  it('spreads topics over the masters, publishes by shard and leaves no keys', async () => {
    const a = await open(1)
    const b = await open(2)
    await shows([a, b], 3)
    const sizes = await Promise.all(cluster().nodes.map(async (node) => Number(await node.command('DBSIZE'))))
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThanOrEqual(3)
    const stats = String(await Promise.all(cluster().nodes.map((node) => node.command('INFO', 'commandstats'))))
    expect(stats).toContain('cmdstat_spublish')
    expect(stats).not.toContain('cmdstat_publish:')
    await a.close()
    await shows([b], 2)
    await b.close()
    await isEmpty()
  })

  it('needs no more permissions than the README lists', async () => {
    for (const node of cluster().nodes) {
      await node.command('ACL', 'SETUSER', 'member', 'on', '>secret', '-@all', ...rules, '+cluster|slots')
    }
    const replica = await openReplica(cleanup, { urls: urls().map((url) => url.replace('//', '//member:secret@')) })
    await replica.watch('t')
    await replica.engine.commit([counts('t', 1, 0)])
    expect(await replica.engine.read(['t'])).toEqual([[1, 0]])
  })

  it('passes headcount check', async () => {
    const child = runHeadcount(['check', '--port', '0', '--redis', urls()[0]!])
    expect((await child.exited).code).toBe(0)
    expect(child.output).toContain(', a cluster accepts our commands')
  })

  it("works with the caller's cluster client, and leaves it open", async () => {
    const client = createCluster({ rootNodes: urls().map((url) => ({ url })) })
    await client.connect()
    const engine = redisEngine(client)
    await engine.open('embedded', { groups: 2, lease, changed: () => {} })
    expect(await engine.watch('mine')).toEqual([0, 0])
    await engine.commit([counts('mine', 1, 2)])
    expect(await engine.read(['mine'])).toEqual([[1, 2]])
    await engine.close()
    expect(await client.set('still', 'open')).toBe('OK')
    await client.del('still')
    client.destroy()
  })

  it('does not count again a row that it removed before a master returned with an older copy', async () => {
    const { engine } = await openReplica(cleanup, { urls: urls() }, { lease, id: 'returning' })
    const commit = (changes: Parameters<typeof engine.commit>[0]) => engine.commit(changes).catch(() => 'failed')
    expect(await commit(topics.map((topic) => counts(topic, 1, 0)))).toBe('kept')
    const command = async (...words: string[]) => {
      const lines = await cluster().nodes[0]!.command(...words)
      return lines.split('\n').filter((line) => line !== '')
    }
    const inSlot = (slot: number) => command('SMEMBERS', `hc:{${slot}}:replica:returning`)
    const slots = await Promise.all(
      Array.from({ length: 63 }, async (_, i) => ({ slot: i + 1, names: await inSlot(i + 1) })),
    )
    const { slot, names } = slots.find((each) => each.names.length > 1)!
    const [removed, next] = names as [string, string]
    const row = await command('HGETALL', `hc:{${slot}}:topic:${removed}`)
    await commit(names.map((topic) => counts(topic, 0, 0)))
    const leases = `hc:{${slot}}:leases`
    const hasLeft = async () =>
      (await commit([])) === 'kept' && (await command('HGET', leases, 'returning')).length === 0
    await until('the replica to leave the slot', hasLeft)

    await command('HSET', leases, 'returning', `${Date.now() + lease} 1 1`)
    await command('SADD', `hc:{${slot}}:replica:returning`, ...names)
    await command('HSET', `hc:{${slot}}:topic:${removed}`, ...row)
    await until('a commit to be kept', async () => (await commit([counts(next, 1, 0)])) === 'kept')
    expect(await engine.read([removed, next])).toEqual([
      [0, 0],
      [1, 0],
    ])
    await command('DEL', `hc:{${slot}}:topic:${removed}`)
  })

  it('is exact after slots moved to another master during commits', async () => {
    const a = await open(1)
    const b = await open(10)
    await shows([a, b], 11)
    let moving = true
    const moved = cluster()
      .moveSlots(3)
      .finally(() => {
        moving = false
      })
    let n = 1
    while (moving) await a.commit(++n)
    expect(await moved).toBeGreaterThan(5)
    await a.commit(++n)
    await shows([a, b], 10 + n)
    // Published messages arrive again, not only answers.
    await a.commit(++n)
    await shows([b], 10 + n, 1_500)
    await a.close()
    await b.close()
    await isEmpty()
  }, 120_000)

  it('is exact after a master was killed and its replica promoted', async () => {
    const a = await open(1)
    const b = await open(10)
    await shows([a, b], 11)
    const roles = await Promise.all(cluster().nodes.map((node) => node.command('ROLE')))
    const victim = cluster().nodes[roles.findIndex((role) => role.startsWith('master'))]!
    await victim.kill()
    const killedAt = performance.now()
    // The other masters accept the commit; topics of the killed one show it on top of the last known totals.
    await a.tryCommit(5)
    expect(topics.filter((topic) => a.latest(topic)?.[0] === 15)).toEqual(topics)
    await cluster().settle()
    await a.commit(5)
    await shows([a, b], 15)
    console.info(`exact ${Math.round(performance.now() - killedAt)} ms after a master was killed`)
    await a.commit(6)
    await shows([b], 16, 1_500)
    await victim.start()
    await cluster().settle()
    await a.commit(7)
    await shows([a, b], 17)
    await a.close()
    await b.close()
    await isEmpty()
  }, 120_000)
})

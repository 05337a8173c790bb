import { randomUUID } from 'node:crypto'
import { pause, until } from '@headcount/testing'
import { createClient } from '@redis/client'
import { expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'
import { counts, openReplica, people, type TestReplica } from './replica.js'

type CommandCounts = ReadonlyMap<string, number>

describeWith('redis', 'the cost of the Redis engine, as Redis counts it', () => {
  const redis = withRedis()
  const cleanup = cleanups()

  async function open(number: number, lease = 10_000): Promise<TestReplica[]> {
    const replicas: TestReplica[] = []
    // Ids are as long as those of servers.
    for (let i = 0; i < number; i++)
      replicas.push(await openReplica(cleanup, { urls: [redis().url] }, { lease, id: randomUUID() }))
    return replicas
  }

  /** How often each command ran since the last reset, including in scripts. */
  async function commands(): Promise<CommandCounts> {
    const stats = await redis().command('INFO', 'commandstats')
    return new Map([...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(([, name, calls]) => [name!, Number(calls)]))
  }

  /** Commits changed counts of `topics` topics on each replica, `rounds` times, every `interval` ms. */
  async function load(replicas: readonly TestReplica[], topics: number, rounds: number, interval: number) {
    for (let round = 1; round <= rounds; round++) {
      const changes = Array.from({ length: topics }, (_, i) => counts(`t${i}`, round * 3, round % 11))
      await Promise.all([pause(interval), ...replicas.map(({ engine }) => engine.commit(changes))])
    }
  }

  const keys = async () => (await redis().command('KEYS', '*')).split('\n').sort()
  const isEmpty = () => until('an empty Redis', async () => (await redis().command('DBSIZE')) === '0')

  it('is at most one command per 20 changes, in one busy topic and over 200 topics', async () => {
    const replicas = await open(3)
    await Promise.all(replicas.map(({ watch }) => watch('t0')))
    const rounds = 40
    // One busy topic: 1,000 joins and leaves per second on each replica, so 50 changes per commit.
    // 200 topics: each commit has one change of each.
    for (const [topics, changesPerCommit] of [
      [1, 50],
      [200, 200],
    ] as const) {
      await load(replicas, topics, 1, 0)
      await redis().command('CONFIG', 'RESETSTAT')
      await load(replicas, topics, rounds, 50)
      const changes = rounds * replicas.length * changesPerCommit
      const stats = await commands()
      const all = [...stats.values()].reduce((a, b) => a + b, 0)
      console.info(`${topics} topics: ${changes} changes, 1 command for ${Math.round(changes / sent(stats))}`)
      console.info(`${topics} topics: with commands in scripts, 1 for ${(changes / all).toFixed(1)}`)
      expect(sent(stats) / changes).toBeLessThanOrEqual(1 / 20)
    }
  })

  it('is at most one message per topic and interval, however many replicas commit', async () => {
    const replicas = await open(4)
    await Promise.all(replicas.map(({ watch }) => watch('busy')))
    await redis().command('CONFIG', 'RESETSTAT')
    const interval = 200
    const start = performance.now()
    for (let round = 1; round <= 100; round++) {
      const change = { ...counts('busy', round, 0), interval }
      await Promise.all([pause(10), ...replicas.map(({ engine }) => engine.commit([change]))])
    }
    // The last change is published, although no replica commits anymore.
    await until('the last change', () => replicas.every(({ latest }) => latest('busy')?.[0] === 400))
    const stats = await commands()
    const published = stats.get('spublish') ?? stats.get('publish') ?? 0
    expect(published).toBeLessThanOrEqual(Math.ceil((performance.now() - start) / interval) + 1)
    expect(published).toBeGreaterThan(2)
  })

  it('publishes the last change within a lease if the replica that had to publish it is silent', async () => {
    const [a, b, c] = (await open(3, 1_000)) as [TestReplica, TestReplica, TestReplica]
    await c.watch('left')
    await a.engine.commit([{ ...counts('left', 1, 0), interval: 60_000 }])
    // Delayed by the interval, until a commit with a shorter one.
    await b.engine.commit([{ ...counts('left', 2, 0), interval: 60_000 }])
    const stops = [a, b, c].map((replica, i) => replica.keepCommitting(() => (i < 2 ? [counts('left', i + 1, 0)] : [])))
    for (const stop of stops) cleanup(stop)
    await until('the last change', () => c.latest('left')?.[0] === 3, { within: 3_000 })
  })

  it('publishes the last change although the answer to an earlier commit is read after it was due', async () => {
    const client = createClient({ url: redis().url })
    cleanup(() => client.destroy())
    await client.connect()
    const a = await openReplica(cleanup, client)
    const [b] = (await open(1)) as [TestReplica]
    await b.watch('left')
    const interval = 100
    for (const number of [1, 2]) await a.engine.commit([{ ...counts('left', number, 0), interval }])
    const send = client.sendCommand.bind(client)
    client.sendCommand = async (args) => {
      const answer = await send(args)
      await pause(2 * interval)
      return answer as never
    }
    await a.engine.commit([{ ...counts('left', 0, 0), interval }])
    await until('the last change', () => b.latest('left')?.[0] === 0, { within: 1_000 })
  })

  it('is memory per replica, not per member, where connections are counted', async () => {
    const usage = async () => Number(await redis().command('MEMORY', 'USAGE', 'hc:{0}:topic:sized'))
    const replicas = await open(8)
    const sizes: number[] = []
    for (const { engine } of replicas) {
      await engine.commit([counts('sized', 1, 1)])
      sizes.push(await usage())
    }
    console.info(`a topic on 1 to 8 replicas: ${sizes.join(', ')} bytes`)
    expect(sizes[2]).toBeLessThan(1_000)
    for (const { engine } of replicas) await engine.commit([counts('sized', 100_000, 100_000)])
    // Ten more digits per replica.
    expect(await usage()).toBeLessThanOrEqual(sizes[7]! + 8 * 32)
    for (const { engine } of replicas) await engine.close()
    await isEmpty()
  })

  it('is one hash per topic of people, with less than 250 bytes and only a key for each', async () => {
    const [replica] = (await open(1)) as [TestReplica]
    const groups = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${String(i).padStart(42, '0')}`, 0]))
    await replica.engine.commit([people('crowd', groups)])
    const usage = Number(await redis().command('MEMORY', 'USAGE', 'hc:{0}:topic:crowd', 'SAMPLES', '0'))
    console.info(`people: ${Math.round(usage / 2_000)} bytes each`)
    expect(usage / 2_000).toBeLessThan(250)
    expect(await keys()).toEqual([
      'hc:{0}:leases',
      expect.stringMatching(/^hc:\{0\}:replica:\S+$/),
      'hc:{0}:settings',
      'hc:{0}:topic:crowd',
    ])
    await replica.engine.close()
    await isEmpty()
  })

  it('is at most 14 commands per lease and 4 per second for each replica while nothing changes', async () => {
    const lease = 1_000
    const replicas = await open(3, lease)
    for (const { keepCommitting } of replicas) cleanup(keepCommitting(() => [counts('t0', 1, 1)]))
    for (const { watch } of replicas) for (let t = 0; t < 50; t++) await watch(`t${t}`)
    await redis().command('CONFIG', 'RESETSTAT')
    const leases = 4
    await pause(leases * lease)
    const each = sent(await commands()) / replicas.length / leases
    console.info(`idle: ${each.toFixed(1)} commands per replica in a lease of ${lease} ms`)
    // The lease's renewals, and the checks for crashed replicas.
    expect(each).toBeLessThanOrEqual(14 + (4 * lease) / 1000)
  })

  it('does not let the key of a changing topic expire', async () => {
    const lease = 500
    const replicas = await open(2, lease)
    const ttl = async () => Number(await redis().command('PTTL', 'hc:{0}:topic:hot'))
    await replicas[0]!.engine.commit([counts('hot', 1, 0)])
    const before = await ttl()
    for (let i = 0; i < 50; i++) {
      for (const { engine } of replicas) await engine.commit([counts('hot', 1 + (i % 2), i)])
      await pause(50)
    }
    expect(await ttl()).toBeGreaterThan(before - 2 * lease)
  })

  it('keeps lease and topic set of a crashed replica for longer than a topic that others refreshed', async () => {
    const [replica] = (await open(1)) as [TestReplica]
    await replica.engine.commit([counts('kept', 1, 0)])
    const timeLeft = async (part: string) => {
      const key = (await keys()).find((name) => name.includes(part))!
      return Number(await redis().command('PTTL', key))
    }
    const topic = await timeLeft(':topic:kept')
    for (const part of [':leases', ':replica:']) expect(await timeLeft(part), part).toBeGreaterThan(1.5 * topic)
  })

  it('is no permanent key if every replica crashes', async () => {
    const [replica] = (await open(1)) as [TestReplica]
    await replica.watch('watched')
    // The first commit renews the lease, and the next one does not.
    for (const changes of [[], [counts('watched', 1, 0), people('crowd', { ann: 0 })]]) {
      await replica.engine.commit(changes)
      for (const key of await keys()) expect(Number(await redis().command('PTTL', key)), key).toBeGreaterThan(0)
    }
  })
})

/** Commands from clients: the others ran in scripts. */
function sent(stats: CommandCounts): number {
  return ['evalsha', 'eval', 'ssubscribe', 'ping', 'exists', 'srandmember']
    .map((name) => stats.get(name) ?? 0)
    .reduce((a, b) => a + b, 0)
}

import type { Change } from '@headcount/core'
import { pause, until } from '@headcount/testing'
import { type RedisServer, startRedis } from '@headcount/tools/processes/redis.mjs'
import { startProxy, type TcpProxy } from '@headcount/tools/processes/tcp-proxy.mjs'
import { createClient } from '@redis/client'
import { expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { counts, openReplica, people, type TestReplica } from './replica.js'

const lease = 2_000
const leases = 'hc:{0}:leases'
const key = 'hc:{0}:topic:t'

describeWith('redis', 'when Redis or a replica fails', () => {
  const cleanup = cleanups()

  async function start(): Promise<RedisServer> {
    const redis = await startRedis()
    cleanup(() => redis.remove())
    return redis
  }

  async function open(url: string): Promise<TestReplica> {
    const replica = await openReplica(cleanup, { urls: [url] }, { lease })
    await replica.watch('t')
    return replica
  }

  /** Opens a replica that keeps its lease, and commits `changes` again after a failure. */
  async function openCommitting(url: string, changes: () => Change[]): Promise<TestReplica> {
    const replica = await open(url)
    cleanup(replica.keepCommitting(changes))
    return replica
  }

  async function openProxy(redis: RedisServer): Promise<TcpProxy> {
    const proxy = await startProxy(redis.port)
    cleanup(() => proxy.stop())
    return proxy
  }

  const show = (replicas: readonly TestReplica[], totals: readonly number[], within = lease + 1_000) =>
    until(`${totals} on all replicas`, () => replicas.every(({ latest }) => String(latest('t')) === String(totals)), {
      within,
      got: () => replicas.map(({ latest }) => latest('t')),
    })

  const isKept = (replica: TestReplica, ...changes: Change[]) =>
    until('a commit to be kept', async () => (await replica.engine.commit(changes).catch(() => 'failed')) === 'kept')

  async function commandCount(redis: RedisServer, name: RegExp, section: string): Promise<number> {
    return Number(name.exec(await redis.command('INFO', section))?.[1])
  }

  it('a lease that expires in a month, after a wrong clock, is not polled', async () => {
    const redis = await start()
    const a = await openCommitting(redis.url, () => [counts('t', 1, 2)])
    await show([a], [1, 2])
    await redis.command('HSET', leases, 'ghost', `${Date.now() + 30 * 86_400_000} 1`)
    await pause(lease)
    const commands = () => commandCount(redis, /total_commands_processed:(\d+)/, 'stats')
    const before = await commands()
    await pause(1_000)
    expect((await commands()) - before).toBeLessThan(100)
  })

  it('commits fail at once, and local changes are shown on top of the last known totals', async () => {
    const redis = await start()
    const proxy = await openProxy(redis)
    const a = await open(proxy.redisUrl)
    const b = await openCommitting(redis.url, () => [counts('t', 10, 10)])
    await a.engine.commit([{ ...people('t', { ann: 0 }), counts: [1, 1] }])
    await show([a, b], [12, 11])
    proxy.crash()
    await until('the connection to end', async () => (await a.engine.commit([]).catch(() => 'failed')) === 'failed')
    const before = performance.now()
    for (let i = 1; i <= 50; i++) await expect(a.engine.commit([counts('t', i, 1)])).rejects.toThrow('Redis')
    expect(performance.now() - before).toBeLessThan(500)
    expect(a.latest('t')).toEqual([61, 11])
    // Ann leaves, Bob joins, and five connections close.
    const newest = { ...people('t', { ann: null, bob: 1 }), counts: [45, 1] }
    await expect(a.engine.commit([newest])).rejects.toMatchObject({ code: 'unreachable' })
    expect(a.latest('t')).toEqual([55, 12])
    // A topic that is new to this replica starts with zeros.
    expect(await a.watch('new')).toEqual([0, 0])
    await expect(a.engine.commit([counts('new', 3, 0)])).rejects.toThrow()
    await until('its own change', () => a.latest('new')?.[0] === 3)

    // The other replica expires it.
    await show([b], [10, 10])
    proxy.heal()
    await isKept(a, newest, counts('new', 3, 0))
    await show([a, b], [55, 12])
    expect(await b.engine.read(['new'])).toEqual([[3, 0]])
  })

  it('a network that drops all packets is detected, and nothing is queued', async () => {
    const redis = await start()
    const proxy = await openProxy(redis)
    const a = await open(proxy.redisUrl)
    const many = (i: number) => Array.from({ length: 500 }, (_, n) => counts(`many:${n}`, i, i))
    await a.engine.commit(many(0))
    proxy.partition()
    const before = performance.now()
    await expect(a.engine.commit(many(1))).rejects.toMatchObject({ code: 'unreachable' })
    expect(performance.now() - before).toBeLessThan(1_500)
    global.gc?.()
    const heap = process.memoryUsage().heapUsed
    // Not `expect(…).rejects`, which keeps its argument.
    const outcomes = new Set<string>()
    for (let i = 2; i < 400; i++) outcomes.add(await a.engine.commit(many(i)).catch(() => 'failed'))
    expect([...outcomes]).toEqual(['failed'])
    global.gc?.()
    expect((process.memoryUsage().heapUsed - heap) / 1e6).toBeLessThan(30)
    proxy.heal()
    await isKept(a, ...many(7))
    expect(await a.engine.read(['many:499'])).toEqual([[7, 7]])
  })

  it('a pause of more than a lease expires no replica', async () => {
    const redis = await start()
    let mine = counts('t', 1, 1)
    const a = await openCommitting(redis.url, () => [mine])
    const b = await openCommitting(redis.url, () => [counts('t', 5, 5)])
    await show([a, b], [6, 6])
    const before = b.received.length
    redis.pause()
    await pause(lease * 1.5)
    mine = counts('t', 3, 1)
    redis.resume()
    await show([a, b], [8, 6])
    for (const { totals } of b.received.slice(before)) expect(totals[0]).toBeGreaterThanOrEqual(6)
  })

  it('counts, including people, recover after a failover to a stale copy', async () => {
    const redis = await start()
    const copy = await start()
    await copy.command('REPLICAOF', '127.0.0.1', String(redis.port))
    const proxy = await openProxy(redis)
    let all: Change[] = [{ ...people('t', { early: 0, leaver: 1 }), counts: [1, 1] }]
    const a = await openCommitting(proxy.redisUrl, () => all)
    const b = await openCommitting(proxy.redisUrl, () => [counts('t', 0, 10)])
    await show([a, b], [2, 12])
    const copyHas = (totals: string) =>
      until(`${totals} in the copy`, async () => (await copy.command('HGET', key, 't')) === totals)
    await copyHas('2 12')
    await copy.command('REPLICAOF', 'NO', 'ONE')

    // The copy misses this.
    all = [{ ...people('t', { early: 0, late: 0 }), counts: [4, 1] }]
    await isKept(a, { ...people('t', { leaver: null, late: 0 }), counts: [4, 1] })
    await show([a, b], [6, 11])
    proxy.redirect(copy.port)
    await redis.kill()
    await copyHas('6 11')
    // Presences that left do not return with a later renewal.
    await pause(lease)
    await show([a, b], [6, 11])
    expect(await b.engine.read(['t'])).toEqual([[6, 11]])
  })

  it('a commit that arrives after a newer one changes nothing', async () => {
    const redis = await start()
    const proxy = await openProxy(redis)
    const a = await open(proxy.redisUrl)
    await a.engine.commit([counts('t', 1, 0)])
    const scripts = () => commandCount(redis, /cmdstat_evalsha:calls=(\d+)/, 'commandstats')
    proxy.delay()
    await expect(a.engine.commit([counts('t', 5, 0)])).rejects.toMatchObject({ code: 'unreachable' })
    await pause(lease)
    proxy.pass()
    await isKept(a, counts('t', 7, 0))
    const before = await scripts()
    proxy.heal()
    await until('the late commit to arrive', async () => (await scripts()) > before)
    expect(await a.engine.read(['t'])).toEqual([[7, 0]])
  })

  it('an evicted topic is correct again within a lease, with its people, and other topics do not change', async () => {
    const redis = await start()
    const a = await openCommitting(redis.url, () => [people('t', { ann: 0, bob: 1 }), people('u', { ann: 0 })])
    const b = await openCommitting(redis.url, () => [counts('t', 1, 1)])
    await show([a, b], [2, 2])
    await redis.command('DEL', key)
    // A commit of another replica recreates the key.
    await b.engine.commit([counts('t', 1, 1)])
    const read = async () => String(await b.engine.read(['t', 'u'])) === '2,2,1,0'
    await until('the topic to be right', read, { within: lease + 1_000 })
    await show([a, b], [2, 2])
  })

  it.each([
    ['loses everything', async (redis: RedisServer) => void (await redis.command('FLUSHALL'))],
    ['loses the topic', async (redis: RedisServer) => void (await redis.command('DEL', key))],
    [
      'was unreachable',
      async (_: RedisServer, proxy: TcpProxy, commit: () => Promise<string>) => {
        proxy.partition()
        await until('a commit to fail', async () => (await commit()) === 'failed')
        proxy.heal()
      },
    ],
  ])('people who need several calls to commit are counted again after Redis %s', async (_, fault) => {
    const redis = await start()
    const proxy = await openProxy(redis)
    const a = await open(proxy.redisUrl)
    const everyone = people('t', Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`person-${i}`, i % 2])))
    const commit = () => a.engine.commit([everyone]).catch(() => 'failed')
    expect(await commit()).toBe('kept')
    await fault(redis, proxy, commit)
    await until('a commit to be kept', async () => (await commit()) === 'kept')
    await until('a second one', async () => (await commit()) === 'kept')
    expect(await a.engine.read(['t'])).toEqual([[500, 500]])
  })

  it("a caller's client without an error listener does not end the process", async () => {
    const redis = await start()
    const client = createClient({ url: redis.url, disableOfflineQueue: true })
    await client.connect()
    cleanup(() => client.destroy())
    const replica = await openReplica(cleanup, { client }, { lease })
    await replica.watch('t')
    await replica.engine.commit([counts('t', 1, 0)])
    await redis.kill()
    // Without a listener, this event would be an uncaught exception.
    await new Promise((resolve) => void client.once('reconnecting', resolve))
    await expect(replica.engine.commit([counts('t', 2, 0)])).rejects.toMatchObject({ code: 'unreachable' })
    expect(replica.latest('t')).toEqual([2, 0])
    await redis.start()
    await isKept(replica, counts('t', 3, 0))
    await show([replica], [3, 0])
  })

  it('a replica that crashes is expired within its lease and a second, in one step', async () => {
    const redis = await start()
    const proxy = await openProxy(redis)
    const crashing = await open(proxy.redisUrl)
    const stop = crashing.keepCommitting(() => [counts('t', 500, 500)])
    cleanup(stop)
    const others = [
      await openCommitting(redis.url, () => [counts('t', 1, 0)]),
      await openCommitting(redis.url, () => [counts('t', 2, 0)]),
    ]
    await show(others, [503, 500])
    const before = others.map(({ received }) => received.length)
    proxy.crash()
    stop()
    const crashedAt = performance.now()
    await show(others, [3, 0])
    console.info(`expired ${Math.round(performance.now() - crashedAt)} ms after a crash, with a lease of ${lease} ms`)
    others.forEach(({ received }, i) => {
      for (const { totals } of received.slice(before[i])) expect(totals).toEqual([3, 0])
    })
  })

  it('several replicas whose leases end at once are expired within a second of it', async () => {
    const redis = await start()
    const a = await openCommitting(redis.url, () => [counts('t', 1, 0)])
    const silent = await Promise.all(Array.from({ length: 6 }, () => open(redis.url)))
    await Promise.all(silent.map((replica) => isKept(replica, counts('t', 10, 0))))
    await show([a], [61, 0], 1_000)
    await show([a], [1, 0])
  })

  it('a replica that crashed before any other started is expired before its lease ends', async () => {
    const redis = await start()
    const proxy = await openProxy(redis)
    const crashing = await openReplica(cleanup, { urls: [proxy.redisUrl] }, { id: 'crashing', lease: 60_000 })
    await until('a subscription', async () => (await redis.command('HGET', leases, 'crashing')).endsWith(' 1'))
    await isKept(crashing, counts('t', 2, 0))
    proxy.crash()
    const next = await openCommitting(redis.url, () => [counts('t', 1, 0)])
    await show([next], [3, 0])
    await show([next], [1, 0])
  })
})

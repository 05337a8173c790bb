import { randomUUID } from 'node:crypto'
import type { Change } from '@headcount/server'
import { pause, until } from '@headcount/testing'
import { expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { type RedisServer, withRedis } from '../support/redis.js'
import { counts, openReplica, people, type TestReplica } from './replica.js'

/** What Redis itself counted: how often each command ran, those of scripts included. */
async function commands(redis: RedisServer): Promise<Map<string, number>> {
  const stats = await redis.ask('INFO', 'commandstats')
  return new Map([...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(([, name, calls]) => [name!, Number(calls)]))
}

/** So many replicas hold so many topics each, and every round each of them moves by `changes` joins and leaves. */
async function load(replicas: readonly TestReplica[], topics: number, rounds: number, every: number): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    const started = performance.now()
    const changes = Array.from({ length: topics }, (_, i) => counts(`t${i}`, round * 3, round % 11))
    await Promise.all(replicas.map(({ engine }) => engine.commit(changes)))
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, every - (performance.now() - started))))
  }
}

describeWith('redis', 'what the engine costs, counted by Redis', () => {
  const redis = withRedis()
  const open = () => openReplica({ urls: [redis.url], lease: 10_000 })

  it('is at most one command for twenty changes, in one hot topic and over two hundred', async () => {
    const replicas = [await open(), await open(), await open()]
    // A hot topic: 1,000 joins and leaves a second on each replica, said as often as the window lets them.
    await Promise.all(replicas.map(({ watch }) => watch('t0')))
    await load(replicas, 1, 1, 0)
    await redis.ask('CONFIG', 'RESETSTAT')
    const rounds = 40
    await load(replicas, 1, rounds, 50)
    const hot = await commands(redis)
    // Fifty changes are behind each commit of a replica.
    const hotChanges = rounds * replicas.length * 50
    expect(sent(hot) / hotChanges).toBeLessThanOrEqual(1 / 20)
    report('hot topic', hot, hotChanges)

    // Two hundred topics: every commit holds one change of each.
    await load(replicas, 200, 1, 0)
    await redis.ask('CONFIG', 'RESETSTAT')
    await load(replicas, 200, rounds, 50)
    const wide = await commands(redis)
    const wideChanges = rounds * replicas.length * 200
    expect(sent(wide) / wideChanges).toBeLessThanOrEqual(1 / 20)
    report('200 topics', wide, wideChanges)
    for (const { engine } of replicas) await engine.close()
  })

  it('is at most one message a topic and interval, however many replicas commit', async () => {
    const replicas = [await open(), await open(), await open(), await open()]
    await Promise.all(replicas.map(({ watch }) => watch('busy')))
    await redis.ask('CONFIG', 'RESETSTAT')
    const interval = 200
    const started = performance.now()
    for (let round = 1; round <= 100; round++) {
      const change: Change = { ...counts('busy', round, 0), interval }
      await Promise.all(replicas.map(({ engine }) => engine.commit([change])))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    // The last change is not left unpublished, though nobody commits any more.
    await until('all to know the last', () => replicas.every(({ now }) => now('busy')?.[0] === 400))
    const took = performance.now() - started
    const published = (await commands(redis)).get('spublish') ?? (await commands(redis)).get('publish') ?? 0
    expect(published).toBeLessThanOrEqual(Math.ceil(took / interval) + 1)
    expect(published).toBeGreaterThan(2)
    for (const { engine } of replicas) await engine.close()
  })

  it('publishes the last change also where the one who was to do so has died', async () => {
    const [a, b, c] = [
      await openReplica({ urls: [redis.url], lease: 1_000 }),
      await openReplica({ urls: [redis.url], lease: 1_000 }),
      await openReplica({ urls: [redis.url], lease: 1_000 }),
    ]
    await c.watch('left')
    await a.engine.commit([{ ...counts('left', 1, 0), interval: 60_000 }])
    // Held back by the interval; whoever has promised to publish it says nothing any more.
    await b.engine.commit([{ ...counts('left', 2, 0), interval: 60_000 }])
    const stops = [a, b, c].map((replica, i) => replica.renew(() => (i < 2 ? [counts('left', i + 1, 0)] : [])))
    await until('the third to know', () => c.now('left')?.[0] === 3, { within: 3_000 })
    for (const stop of stops) stop()
    for (const { engine } of [a, b, c]) await engine.close()
  })

  it('takes memory by replicas, not by members, where connections are counted', async () => {
    const replicas: TestReplica[] = []
    const usage = async () => Number(await redis.ask('MEMORY', 'USAGE', 'headcount:{hc:0}:topic:sized'))
    const sizes: number[] = []
    for (let i = 0; i < 8; i++) {
      // As long as those of servers.
      const replica = await openReplica({ urls: [redis.url], lease: 10_000 }, randomUUID())
      replicas.push(replica)
      await replica.engine.commit([counts('sized', 1, 1)])
      sizes.push(await usage())
    }
    console.info(`a topic with 1 to 8 replicas: ${sizes.join(', ')} bytes`)
    const [, , three, , , , , eight] = sizes as [number, number, number, number, number, number, number, number]
    for (const { engine } of replicas) await engine.commit([counts('sized', 100_000, 100_000)])
    // Ten more digits a replica, and not a byte for a member.
    expect(await usage()).toBeLessThanOrEqual(eight + 8 * 32)
    expect(three).toBeLessThan(1_000)
    for (const { engine } of replicas) await engine.close()
    await until('an empty Redis', async () => (await redis.ask('DBSIZE')) === '0')
  })

  it('is one hash a topic for people, a hundred bytes or two for each, and holds nothing of theirs but the key', async () => {
    const { engine } = await open()
    const keys = Array.from({ length: 2_000 }, (_, i) => `k${String(i).padStart(42, '0')}`)
    const list = keys.map((key) => ({ key, group: 0, held: false, device: `d${key.slice(1)}` }))
    await engine.commit([people('crowd', ...list)])
    const usage = Number(await redis.ask('MEMORY', 'USAGE', 'headcount:{hc:0}:topic:crowd', 'SAMPLES', '0'))
    console.info(`people: ${Math.round(usage / keys.length)} bytes each`)
    expect(usage / keys.length).toBeLessThan(250)
    expect((await redis.ask('--raw', 'KEYS', '*')).split('\n').sort()).toEqual([
      'headcount:{hc:0}:leases',
      expect.stringMatching(/^headcount:{hc:0}:of:replica-\d+$/),
      'headcount:{hc:0}:topic:crowd',
    ])
    // The device of one who is live is nobody's business.
    expect(await redis.ask('HGETALL', 'headcount:{hc:0}:topic:crowd')).not.toContain('d0')
    await engine.close()
    await until('an empty Redis', async () => (await redis.ask('DBSIZE')) === '0')
  })

  it('is a dozen commands a lease and replica where nothing moves, however many topics it follows', async () => {
    const lease = 1_000
    const replicas: TestReplica[] = []
    for (let i = 0; i < 3; i++) replicas.push(await openReplica({ urls: [redis.url], lease }))
    const stops = replicas.map(({ renew }) => renew(() => [counts('t0', 1, 1)]))
    for (const { watch } of replicas) for (let t = 0; t < 50; t++) await watch(`t${t}`)
    await redis.ask('CONFIG', 'RESETSTAT')
    const leases = 4
    await pause(leases * lease)
    const each = sent(await commands(redis)) / replicas.length / leases
    console.info(`idle: ${each.toFixed(1)} commands a lease and replica`)
    expect(each).toBeLessThanOrEqual(14)
    for (const stop of stops) stop()
    for (const { engine } of replicas) await engine.close()
  })

  it('keeps a topic for as long as it moves, though nobody has reason to ask after it', async () => {
    const lease = 500
    const [a, b] = [await openReplica({ urls: [redis.url], lease }), await openReplica({ urls: [redis.url], lease })]
    const left = async () => Number(await redis.ask('PTTL', 'headcount:{hc:0}:topic:hot'))
    await a.engine.commit([counts('hot', 1, 0)])
    const ttl = await left()
    for (let i = 0; i < 50; i++) {
      for (const { engine } of [a, b]) await engine.commit([counts('hot', 1 + (i % 2), i)])
      await pause(50)
    }
    expect(await left()).toBeGreaterThan(ttl - 2 * lease)
    for (const { engine } of [a, b]) await engine.close()
  })

  it('has every key go away by itself, should nobody tend it', async () => {
    const { engine, watch } = await open()
    await watch('tended')
    await engine.commit([counts('tended', 1, 0), people('crowd', { key: 'p', group: 0, held: true, device: 'd' })])
    for (const key of (await redis.ask('--raw', 'KEYS', '*')).split('\n')) {
      expect(Number(await redis.ask('PTTL', key)), key).toBeGreaterThan(0)
    }
    await engine.close()
  })
})

/** Commands that came over a connection: the others ran within a script. */
function sent(stats: ReadonlyMap<string, number>): number {
  return ['evalsha', 'eval', 'ssubscribe', 'ping', 'exists', 'srandmember']
    .map((name) => stats.get(name) ?? 0)
    .reduce((a, b) => a + b, 0)
}

function report(what: string, stats: ReadonlyMap<string, number>, changes: number): void {
  const all = [...stats.values()].reduce((a, b) => a + b, 0)
  console.info(
    `${what}: ${changes} changes, ${sent(stats)} commands sent (1/${Math.round(changes / sent(stats))}), ` +
      `${all} with those of scripts (1/${(changes / all).toFixed(1)})`,
  )
}

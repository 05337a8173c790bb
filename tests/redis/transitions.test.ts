import { randomUUID } from 'node:crypto'
import type { Delivery, Engine, Level, Topic, Transition } from '@headcount/core'
import { redisEngine } from '@headcount/redis'
import { pause, random, until } from '@headcount/testing'
import { levelCases } from '@headcount/testing/engine'
import { afterAll, describe, expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis, withRedisCluster } from '../support/with-redis.js'

const it = test.concurrent
const occupied: Level = { up: 1, down: 0, delay: 300 }

/** Reads and acknowledges everything. */
async function drain({ transitions }: Engine, receiver = 'r'): Promise<Delivery[]> {
  const all: Delivery[] = []
  for (;;) {
    const next = await transitions!.next(receiver)
    if (next === undefined) return all
    all.push(next)
    await transitions!.acknowledge(receiver, next.id)
  }
}

const transitionsOf = (deliveries: readonly Delivery[]): Transition[] =>
  deliveries.flatMap((one) => (one.kind === 'transitions' ? one.transitions : []))

describeWith('redis', 'the transitions of a cluster over Redis', () => {
  const redis = withRedis()
  const cluster = withRedisCluster()
  const cleanup = cleanups(afterAll)

  /** Opens a replica with a new prefix, or the given one. */
  async function open(levels: readonly Level[], prefix = randomUUID(), urls = [redis().url]): Promise<Engine> {
    const engine = redisEngine({ urls, prefix })
    cleanup(() => engine.close())
    await engine.open(randomUUID(), { groups: 2, lease: 2_000, changed() {}, levels: () => levels })
    return engine
  }
  const commit = (engine: Engine, counts: Readonly<Record<Topic, number>>) =>
    engine.commit(
      Object.entries(counts).map(([topic, count]) => ({ topic, counts: [0, count], people: [], interval: 50 })),
    )

  describe.each(levelCases)('$title', ({ levels, steps }) => {
    it('in Lua as in core', async () => {
      const engine = await open(levels)
      await drain(engine)
      for (const { count, wait = 0, passes } of steps) {
        if (count !== undefined) await commit(engine, { t: count })
        await pause(wait)
        const passed = transitionsOf(await drain(engine))
        const indexOf = ({ level: { up } }: Transition) => levels.findIndex((level) => level.up === up)
        expect(passed.map((one) => `${indexOf(one)} ${one.direction}`)).toEqual(passes)
      }
    })
  })

  it('are returned to any replica, unchanged until they are acknowledged', async () => {
    const prefix = randomUUID()
    const [a, b] = [await open([occupied], prefix), await open([occupied], prefix)]
    await drain(a)
    await commit(a, { t: 1, u: 2 })
    const first = await a.transitions!.next('r')
    await commit(b, { v: 3 })
    expect(await b.transitions!.next('r')).toEqual(first)
    await b.transitions!.acknowledge('r', first!.id)
    const rest = transitionsOf(await drain(a))
    expect(rest.map(({ topic, totals }) => `${topic} ${totals}`)).toEqual(['v 0,3'])
  })

  it('are detected when another replica removes one that crashed', async () => {
    const prefix = randomUUID()
    const crashed = redisEngine({ urls: [redis().url], prefix })
    await crashed.open('crashed', { groups: 2, lease: 1_000, changed() {}, levels: () => [occupied] })
    const other = await open([occupied], prefix)
    await drain(other)
    await commit(crashed, { t: 5 })
    const alive = setInterval(() => void other.commit([]).catch(() => {}), 200)
    cleanup(() => clearInterval(alive))
    const got: Transition[] = []
    await until('the topic to be vacant', async () => {
      got.push(...transitionsOf(await drain(other)))
      return got.length >= 2
    })
    expect(got.map(({ direction, totals }) => `${direction} ${totals}`)).toEqual(['up 0,5', 'down 0,0'])
    await crashed.close()
  })

  it('that are not delivered in time become a sync, and Redis limits their number', async () => {
    const prefix = randomUUID()
    const engine = await open([{ up: 1, down: 0, delay: 0 }], prefix)
    await drain(engine)
    for (let i = 0; i < 21; i++) {
      for (const count of [1, 0]) {
        await commit(engine, Object.fromEntries(Array.from({ length: 250 }, (_, t) => [`t${t}`, count])))
      }
    }
    expect(await redis().command('XLEN', `${prefix}:{0}:passed`)).toBe('10000')
    expect((await drain(engine)).map(({ kind }) => kind)).toEqual(['sync'])
    expect(await redis().command('XLEN', `${prefix}:{0}:passed`)).toBe('0')
  })

  it('are recorded while the clock of Redis is behind the newest of them', async () => {
    const prefix = randomUUID()
    const engine = await open([occupied], prefix)
    await drain(engine)
    await commit(engine, { t: 1 })
    const [first] = transitionsOf(await drain(engine))
    // All are acknowledged and deleted; the newest was recorded an hour ahead.
    const ahead = first!.version + 3_600_000_000
    await redis().command('XADD', `${prefix}:{0}:passed`, `${ahead}-0`, 't', 'x', 'l', '1:0:0', 'd', 'up', 'c', '1 0')
    await drain(engine)
    expect(await redis().command('XLEN', `${prefix}:{0}:passed`)).toBe('0')
    expect(await commit(engine, { u: 1 })).toBe('kept')
    expect(transitionsOf(await drain(engine)).map(({ topic, version }) => [topic, version])).toEqual([['u', ahead + 1]])
  })

  it('name every topic that is above a level', async () => {
    const engine = await open([occupied])
    const counts = Object.fromEntries(Array.from({ length: 250 }, (_, t) => [`t${t}`, t % 2]))
    await commit(engine, counts)
    const above: string[] = []
    for await (const part of engine.transitions!.topicsAbove()) {
      above.push(...part.map(({ topic, totals }) => `${topic} ${totals}`))
    }
    const expected = Object.entries(counts).flatMap(([topic, count]) => (count > 0 ? [`${topic} 0,${count}`] : []))
    expect(above.sort()).toEqual(expected.sort())
  })

  it('are delivered by one replica at a time, and by another after it exited', async () => {
    const prefix = randomUUID()
    const [a, b] = [await open([occupied], prefix), await open([occupied], prefix)]
    expect([await a.transitions!.lead(), await b.transitions!.lead(), await a.transitions!.lead()]).toEqual([
      true,
      false,
      true,
    ])
    await until('the other to lead', () => b.transitions!.lead())
    expect(await a.transitions!.lead()).toBe(false)
  })

  it('are not repeated while replicas have different levels', async () => {
    const prefix = randomUUID()
    const [old, newer] = [await open([occupied], prefix), await open([occupied, { up: 5, down: 4, delay: 0 }], prefix)]
    await drain(old)
    for (let count = 1; count < 4; count++) {
      await commit(old, { t: count })
      await commit(newer, { t: count })
    }
    // The second level is taken from the count each time.
    expect(transitionsOf(await drain(old)).map(({ level, direction }) => `${level.up} ${direction}`)).toEqual(['1 up'])
  })

  it.each<[string, Level]>([
    ['has one more', { up: 5, down: 4, delay: 0 }],
    ['waits for another time', { ...occupied, delay: 100 }],
  ])('that a topic is vacant is not lost where one replica %s', async (_title, other) => {
    const prefix = randomUUID()
    const levels = other.up === 1 ? [other] : [occupied, other]
    const [old, newer] = [await open([occupied], prefix), await open(levels, prefix)]
    await drain(old)
    await commit(newer, { t: 1 })
    await commit(old, { t: 1 })
    await commit(newer, { t: 0 })
    await commit(old, { t: 0 })
    await commit(newer, { t: 0, u: 1 })
    const got: Transition[] = []
    await until('the topic to be vacant', async () => {
      got.push(...transitionsOf(await drain(old)).filter(({ topic }) => topic === 't'))
      return got.length >= 2
    })
    expect(got.map(({ direction, totals }) => `${direction} ${totals}`)).toEqual(['up 0,1', 'down 0,0'])
  })

  it('do not wait for a receiver that has not been polled for an hour', async () => {
    const prefix = randomUUID()
    const engine = await open([occupied], prefix)
    await drain(engine, 'removed')
    await drain(engine)
    await commit(engine, { t: 1 })
    await drain(engine)
    expect(await engine.transitions!.waiting()).toBe(1)
    const key = `${prefix}:{0}:receivers`
    const [known, asked] = (await redis().command('HGET', key, 'removed')).split(/ (?=\d+$)/)
    await redis().command('HSET', key, 'removed', `${known} ${Number(asked) - 3_600_001}`)
    await commit(engine, { u: 1 })
    await drain(engine)
    expect(await engine.transitions!.waiting()).toBe(0)
    expect((await drain(engine, 'removed')).map(({ kind }) => kind)).toEqual(['sync'])
  })

  it.each([1, 2, 3])('of a Redis Cluster end with what is true, run %i', async (seed) => {
    const prefix = randomUUID()
    const urls = cluster().nodes.map(({ url }) => url)
    const { below } = random(seed)
    const levels = [occupied, { up: 6, down: 3, delay: 0 }]
    const engines = [await open(levels, prefix, urls), await open(levels, prefix, urls)]
    const received = new Map<string, boolean>()
    const read = async (engine: Engine): Promise<void> => {
      for (const { topic, level, direction } of transitionsOf(await drain(engine))) {
        const key = `${topic} ${level.up}`
        expect(received.get(key) ?? false).toBe(direction === 'down')
        received.set(key, direction === 'up')
      }
    }
    await read(engines[0]!)
    const rows = engines.map(() => new Map<string, number>())
    for (let step = 0; step < 60; step++) {
      const i = below(2)
      const counts = Object.fromEntries(Array.from({ length: 3 }, () => [`t${below(8)}`, below(5)]))
      for (const [topic, count] of Object.entries(counts)) rows[i]!.set(topic, count)
      await commit(engines[i]!, counts)
      if (step % 10 === 0) await read(engines[i]!)
    }
    await pause(2 * occupied.delay)
    await read(engines[1]!)
    for (let t = 0; t < 8; t++) {
      const count = rows.reduce((sum, row) => sum + (row.get(`t${t}`) ?? 0), 0)
      expect(received.get(`t${t} 1`) ?? false).toBe(count >= 1)
      if (count >= 6 || count <= 3) expect(received.get(`t${t} 6`) ?? false).toBe(count >= 6)
    }
  })
})

import { until } from '@headcount/testing'
import { beforeEach, expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'
import { counts, openReplica, people, type TestReplica } from './replica.js'

const key = 'hc:{0}:topic:t'

describeWith('redis', 'where other programs use keys and channels of the engine', () => {
  const redis = withRedis()
  const cleanup = cleanups()
  let warnings: [fields: object, message: string][] = []
  beforeEach(async () => {
    await redis().command('FLUSHALL')
    warnings = []
  })

  function open(lease: number): Promise<TestReplica> {
    const warn = (...warning: [object, string]) => void warnings.push(warning)
    return openReplica(cleanup, { urls: [redis().url], logger: { info: () => {}, warn } }, { lease })
  }

  it('a key of the wrong type affects only its topic, until it is deleted', async () => {
    const a = await open(2_000)
    const changes = [counts('t', 1, 0), counts('u', 2, 0)]
    await redis().command('SET', key, 'not ours')
    expect(await a.watch('t')).toEqual([0, 0])
    expect(await a.engine.commit(changes)).toBe('kept')
    cleanup(a.keepCommitting(() => []))
    expect(await a.engine.read(['u', 't'])).toEqual([
      [2, 0],
      [1, 0],
    ])
    expect(a.latest('t')).toEqual([1, 0])
    expect(warnings).toContainEqual([{ event: 'foreign_key', key }, 'topic not committed: its key is not a hash'])
    await redis().command('DEL', key)
    const b = await open(2_000)
    await b.watch('t')
    await until('the totals', () => String(b.latest('t')) === '1,0')
  })

  it.each([
    ['a topic', key, ['t', 'x y', 'v', 'z', 'p', '-', 'p:ann', ';;', 'r:b', '1 2'], '3,4'],
    ['a topic with numbers that are none', key, ['t', 'nan inf', 'v', 'inf', 'p', 'nan nan nan'], '3,4'],
    ['the leases', 'hc:{0}:leases', ['someone', 'x y', 'else', ''], '3,4'],
  ])('values of %s that other programs wrote are ignored', async (_, name, values, expected) => {
    await redis().command('HSET', name, ...values)
    const [a, b] = [await open(2_000), await open(2_000)]
    expect(await a.engine.read(['t'])).toEqual([[0, 0]])
    for (const replica of [a, b]) await replica.watch('t')
    cleanup(a.keepCommitting(() => [counts('t', 3, 4)]))
    await until('the totals', () => [a, b].every(({ latest }) => String(latest('t')) === expected), {
      got: () => [a, b].map(({ latest }) => latest('t')),
    })
  })

  it('replicas and rows that other programs wrote do not prevent operators from reading', async () => {
    const a = await open(2_000)
    await a.engine.commit([counts('t', 3, 4)])
    const far = '99999999999999 1'
    await redis().command('HSET', 'hc:{0}:leases', '%zz', far, 'a b', far, 'else', far, '%', 'x')
    await redis().command('HSET', key, 'r:%zz', 'nan 1e9', 'r:a b', '1 2 3 4 5', 'r:else', '-1 0x7')
    const { totals, rows } = await a.engine.replicas!.rows('t')
    expect(totals).toEqual([3, 4])
    expect(rows.map(({ replica, counts, people }) => [replica, counts, people])).toEqual(
      expect.arrayContaining([
        [expect.stringMatching(/^replica-/), [3, 4], 0],
        ['a b', [1, 2], 3],
      ]),
    )
    expect(rows).toHaveLength(2)
    const names = (await a.engine.replicas!.list()).map(({ replica }) => replica)
    expect(names).toEqual(expect.arrayContaining(['%zz', 'a b', 'else']))
    // A lease that has ended is removed before the read.
    expect(await a.engine.read(['t'])).toEqual([[3, 4]])
  })

  it('a person in a group that does not exist is not counted, and can leave', async () => {
    const [a, b] = [await open(2_000), await open(2_000)]
    for (const replica of [a, b]) await replica.watch('t')
    await a.engine.commit([people('t', { ann: 0, bob: 1 })])
    await redis().command('HSET', key, 'p:ann', 'another,7', 'p:eve', 'another,2')
    cleanup(b.keepCommitting(() => []))
    expect(await a.engine.commit([people('t', { ann: 1, eve: 0 })])).toBe('kept')
    expect(await a.engine.commit([people('t', { ann: null, eve: null, bob: null }), counts('u', 1, 0)])).toBe('kept')
    await a.engine.close()
    expect(await b.engine.read(['u'])).toEqual([[0, 0]])
  })

  it.each([
    ['and no replica is due to publish', () => '0'],
    ['and another replica is due to publish', (at: number) => String(at + 50)],
  ])('a change is published at once if the clock of Redis was set back, %s', async (_, due) => {
    const [a, b] = [await open(60_000), await open(60_000)]
    await b.watch('t')
    await a.engine.commit([counts('t', 1, 0)])
    await until('the first totals', () => String(b.latest('t')) === '1,0')
    const at = Date.now() + 3_600_000
    const version = await redis().command('HGET', key, 'v')
    await redis().command('HSET', key, 'p', `${version} ${at} ${due(at)}`)
    await a.engine.commit([counts('t', 2, 0)])
    await until('the change', () => String(b.latest('t')) === '2,0', { within: 1_000 })
  })

  it('messages of other programs are dropped, and logged once a minute', async () => {
    const a = await open(60_000)
    await a.watch('t')
    await a.engine.commit([counts('t', 1, 2)])
    const ahead = (Date.now() + 3_600_000) * 1000
    const messages = ['', 'hello', `${ahead}`, `${ahead} x y`, `${ahead} -7 -7`, `${ahead} 1`, `${ahead} 1 2 3`]
    for (const message of messages) await redis().command('SPUBLISH', 'hc:{0}:changes:0:t', message)
    await a.engine.commit([counts('t', 3, 2)])
    await until('the totals', () => String(a.latest('t')) === '3,2')
    expect(a.received.map(({ totals }) => String(totals))).toEqual(['0,0', '1,2', '3,2'])
    expect(warnings).toEqual([[{ event: 'foreign_message', topic: 't' }, expect.stringContaining('dropped')]])
  })
})

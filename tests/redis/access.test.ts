import { expireReplica, redisEngine } from '@headcount/redis'
import { until } from '@headcount/testing'
import { createClient } from '@redis/client'
import { expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'
import { counts, openReplica, rules, type TestReplica } from './replica.js'

describeWith('redis', 'the Redis engine', () => {
  const redis = withRedis()
  const cleanup = cleanups()

  async function openTwo(url: string): Promise<[TestReplica, TestReplica]> {
    const two: [TestReplica, TestReplica] = [
      await openReplica(cleanup, { urls: [url] }),
      await openReplica(cleanup, { urls: [url] }),
    ]
    for (const { watch } of two) await watch('t')
    return two
  }

  async function works([a, b]: readonly [TestReplica, TestReplica]): Promise<void> {
    await a.engine.commit([counts('t', 1, 2)])
    await until('the other replica to receive it', () => String(b.latest('t')) === '1,2')
    await b.engine.commit([counts('t', 1, 0)])
    await until('the first replica to receive it', () => String(a.latest('t')) === '2,2')
  }

  it('needs no more permissions than the README lists', async () => {
    await redis().command('ACL', 'SETUSER', 'headcount', 'on', '>p@ss/word', '-@all', ...rules)
    await works(await openTwo(`redis://headcount:${encodeURIComponent('p@ss/word')}@127.0.0.1:${redis().port}`))
  })

  it('uses the database of the URL, and receives nothing from another', async () => {
    const two = await openTwo(`${redis().url}/2`)
    const [other] = await openTwo(`${redis().url}/3`)
    await works(two)
    expect(await other.engine.read(['t'])).toEqual([[0, 0]])
    expect(other.received.filter(({ totals }) => String(totals) !== '0,0')).toEqual([])
    expect(await redis().command('DBSIZE')).toBe('0')
  })

  it("works with the caller's client, and leaves it open", async () => {
    const client = createClient({ url: redis().url, disableOfflineQueue: true })
    await client.connect()
    const engine = redisEngine(client)
    const received: string[] = []
    const changed = (_topic: string, totals: readonly number[]) => void received.push(String(totals))
    await engine.open('embedded', { groups: 2, lease: 10_000, changed })
    await engine.watch('t')
    await engine.commit([counts('t', 3, 4)])
    expect(received).toEqual(['3,4'])
    await engine.close()
    expect(await client.ping()).toBe('PONG')
    await until('an empty Redis', async () => (await redis().command('DBSIZE')) === '0')
    client.destroy()
  })

  it('sends its scripts again to a server that lost them', async () => {
    const two = await openTwo(redis().url)
    await works(two)
    await redis().command('SCRIPT', 'FLUSH')
    await two[0].engine.commit([counts('t', 5, 5)])
    await until('the other replica to receive it', () => String(two[1].latest('t')) === '6,5')
  })

  it('removes a replica at once on request, and that replica returns if it still runs', async () => {
    const options = { urls: [redis().url] }
    const [a] = await openTwo(redis().url)
    const b = await openReplica(cleanup, options, { id: 'crashed, by all accounts' })
    await b.engine.commit([counts('t', 4, 4)])
    await until('both replicas to count', () => String(a.latest('t')) === '4,4')
    await expireReplica(options, 'crashed, by all accounts')
    await until('the removal', () => String(a.latest('t')) === '0,0')
    expect(await b.engine.commit([counts('t', 5, 5)])).toBe('lost')
    expect(await b.engine.commit([counts('t', 5, 5)])).toBe('kept')
    await until('the return', () => String(a.latest('t')) === '5,5')
  })

  it('does not open without a Redis, with an error that shows no password', async () => {
    const options = { urls: ['redis://user:hunter2@127.0.0.1:1'] }
    await expect(openReplica(cleanup, options)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/^cannot connect to Redis at 127\.0\.0\.1:1: (?!.*hunter2)/),
    })
  })
})

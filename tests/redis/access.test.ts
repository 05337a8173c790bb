import { redisEngine } from '@headcount/redis'
import { until } from '@headcount/testing'
import { createClient } from '@redis/client'
import { afterEach, expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/redis.js'
import { counts, openReplica, type TestReplica } from './replica.js'

/** What the README says is enough. */
const enough = [
  ...['~headcount:*', '&headcount:*', '+@scripting', '+@hash', '+@set', '+@keyspace', '+@pubsub', '+@connection'],
  ...['+time', '+info'],
]

describeWith('redis', 'the Redis engine, let in', () => {
  const redis = withRedis()
  const opened: TestReplica[] = []
  afterEach(async () => {
    for (const { engine } of opened.splice(0)) await engine.close()
  })

  async function pair(url: string): Promise<[TestReplica, TestReplica]> {
    const two = [await openReplica({ urls: [url] }), await openReplica({ urls: [url] })] as const
    opened.push(...two)
    for (const { watch } of two) await watch('t')
    return [...two]
  }

  async function works([a, b]: readonly TestReplica[]): Promise<void> {
    await a!.engine.commit([counts('t', 1, 2)])
    await until('the other to hear', () => String(b!.now('t')) === '1,2')
    await b!.engine.commit([counts('t', 1, 0)])
    await until('the first to hear', () => String(a!.now('t')) === '2,2')
  }

  it('as a user that may do no more than the README says', async () => {
    await redis.ask('ACL', 'SETUSER', 'headcount', 'on', '>p@ss/word', '-@all', ...enough)
    await works(await pair(`redis://headcount:${encodeURIComponent('p@ss/word')}@127.0.0.1:${redis.port}`))
  })

  it('by plain pub/sub, where the server does not say that it knows sharded', async () => {
    await redis.ask('ACL', 'SETUSER', 'older', 'on', '>secret', '-@all', ...enough.filter((rule) => rule !== '+info'))
    await redis.ask('CONFIG', 'RESETSTAT')
    await works(await pair(`redis://older:secret@127.0.0.1:${redis.port}`))
    const stats = await redis.ask('INFO', 'commandstats')
    expect(stats).toContain('cmdstat_publish:')
    expect(stats).not.toContain('cmdstat_spublish')
  })

  it('to a database, where it does not hear another', async () => {
    const [a, b] = await pair(`${redis.url}/2`)
    const [other] = await pair(`${redis.url}/3`)
    await works([a, b])
    expect(await other.engine.read(['t'])).toEqual([[0, 0]])
    expect(other.news.filter(({ totals }) => String(totals) !== '0,0')).toEqual([])
    expect(await redis.ask('DBSIZE')).toBe('0')
  })

  it('over a client of somebody else, which is left open', async () => {
    const client = createClient({ url: redis.url, disableOfflineQueue: true })
    client.on('error', () => {})
    await client.connect()
    const engine = redisEngine(client)
    const heard: string[] = []
    await engine.open('embedded', (_topic, totals) => void heard.push(String(totals)))
    await engine.watch('t')
    await engine.commit([counts('t', 3, 4)])
    expect(heard).toEqual(['3,4'])
    await engine.close()
    expect(await client.ping()).toBe('PONG')
    await until('nothing to be left', async () => (await redis.ask('DBSIZE')) === '0')
    client.destroy()
  })

  it('by servers that have forgotten its scripts', async () => {
    const two = await pair(redis.url)
    await works(two)
    await redis.ask('SCRIPT', 'FLUSH')
    await two[0].engine.commit([counts('t', 5, 5)])
    await until('the other to hear', () => String(two[1].now('t')) === '6,5')
  })
})

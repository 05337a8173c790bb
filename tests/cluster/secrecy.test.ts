import { until, WireClient } from '@headcount/testing'
import { afterAll, expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import type { RedisServer } from '../support/redis.js'
import { jwtSecret, tokenOf, withCluster } from './cluster.js'

const grace = 1_500

describeWith('redis', 'what three replicas keep in Redis', () => {
  const cluster = withCluster({
    config: { topics: ['room:*', { pattern: 'people:*', unit: 'people', grace }] },
  })
  const clients: WireClient[] = []
  afterAll(() => {
    for (const client of clients) client.drop()
  })

  it('holds no user id, token, client id or secret, under load; and nothing at all when everybody has left', async () => {
    const said = cluster.redis.monitor()
    await said.until('to be listening', (output) => output.includes('OK'))
    const tokens = new Set<string>()
    const enter = async (i: number) => {
      const token = i % 2 === 0 ? tokenOf(`planted-user-${i}`) : undefined
      if (token !== undefined) tokens.add(token)
      const client = await WireClient.open(cluster.urls[i % 3]!, { token, clientId: `planted-client-${i}` })
      clients.push(client)
      await client.enter('room:1')
      await client.enter('people:1')
    }
    for (let i = 0; i < 120; i++) await enter(i)
    for (const client of clients) await client.shows('people:1', 60, 60)
    // Some are held by grace, so that their devices are there as well; some come back signed out.
    for (const client of clients.slice(0, 30)) client.drop()
    const back = await WireClient.open(cluster.urls[0]!, { clientId: 'planted-client-0' })
    clients.push(back)
    await back.enter('people:1')

    const held = await until('those that grace holds', async () => {
      const everything = await dump(cluster.redis)
      return /\bh:[\w-]{22}\b/.test(everything) ? everything : undefined
    })
    // It was looked at where it matters: the counts, the leases and the keys of people are there.
    expect(held).toContain('headcount:{hc:0}:leases')
    expect(held).toContain('headcount:{hc:0}:topic:people:1')
    expect(held.match(/\bp:[\w-]{22}\b/g)!.length).toBeGreaterThan(90)

    for (const client of clients) client.drop()
    await cluster.empty()
    await said.kill()
    expect(said.output).toContain('topic:people:1')
    for (const everything of [held, said.output]) {
      expect(everything).not.toMatch(/planted/i)
      expect(everything).not.toMatch(/eyJ/)
      expect(everything).not.toContain(jwtSecret)
      for (const token of tokens) {
        for (const part of token.split('.').slice(1)) expect(everything).not.toContain(part)
      }
    }
  }, 60_000)
})

/** Every key and value in Redis, whatever its type. */
async function dump(redis: RedisServer): Promise<string> {
  const read: Record<string, (key: string) => string[]> = {
    hash: (key) => ['HGETALL', key],
    set: (key) => ['SMEMBERS', key],
    string: (key) => ['GET', key],
    list: (key) => ['LRANGE', key, '0', '-1'],
    zset: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
    stream: (key) => ['XRANGE', key, '-', '+'],
  }
  const lines: string[] = []
  for (const key of (await redis.ask('--raw', 'KEYS', '*')).split('\n')) {
    const type = await redis.ask('--raw', 'TYPE', key)
    // Gone meanwhile.
    if (type === 'none') continue
    lines.push(key, type, await redis.ask('--raw', ...read[type]!(key)))
  }
  return lines.join('\n')
}

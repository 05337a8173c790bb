import { WireClient } from '@headcount/testing'
import type { RedisServer } from '@headcount/tools/processes/redis.mjs'
import { expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { jwtSecret, tokenOf, withCluster } from '../support/cluster.js'
import { describeWith } from '../support/needs.js'

describeWith('redis', 'Redis under three replicas', () => {
  const cluster = withCluster({ config: { topics: ['room:*', { pattern: 'people:*', unit: 'people', settle: 500 }] } })
  const cleanup = cleanups()

  it('receives no user id, token, client id or secret, and is empty after all clients have left', async () => {
    const monitor = await cluster.redis.monitor()
    const clients: WireClient[] = []
    const enter = async (i: number, token?: string) => {
      const client = await WireClient.open(cluster.urls[i % 3]!, { token, clientId: `planted-client-${i}` })
      clients.push(client)
      cleanup(() => client.drop())
      await client.enter('room:1')
      await client.enter('people:1')
    }
    const tokens = Array.from({ length: 120 }, (_, i) => (i % 2 === 0 ? tokenOf(`planted-user-${i}`) : undefined))
    for (const [i, token] of tokens.entries()) await enter(i, token)
    for (const client of clients) await client.shows('people:1', 60, 60)
    for (const client of clients.slice(0, 30)) client.drop()
    // One reconnects signed out.
    await enter(0)
    await clients.at(-1)!.shows('people:1', 45, 46)

    const stored = await dump(cluster.redis)
    expect(stored).toContain(':leases')
    expect(stored).toContain('topic:people:1')
    expect(stored.match(/\bp:[\w-]{22}\b/g)!.length).toBeGreaterThan(90)

    for (const client of clients) client.drop()
    await cluster.empty()
    await monitor.kill()
    expect(monitor.output).toContain('topic:people:1')
    for (const text of [stored, monitor.output]) {
      expect(text).not.toMatch(/planted/i)
      expect(text).not.toMatch(/eyJ/)
      expect(text).not.toContain(jwtSecret)
      for (const token of tokens) for (const part of token?.split('.').slice(1) ?? []) expect(text).not.toContain(part)
    }
  }, 60_000)
})

/** Every key and value in Redis. */
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
  for (const key of (await redis.command('KEYS', '*')).split('\n')) {
    const type = await redis.command('TYPE', key)
    // The key was deleted in the meantime.
    if (type === 'none') continue
    lines.push(key, type, await redis.command(...read[type]!(key)))
  }
  return lines.join('\n')
}

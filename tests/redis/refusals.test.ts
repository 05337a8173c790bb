import { pause, until } from '@headcount/testing'
import { freePort } from '@headcount/tools/processes/free-port.mjs'
import { type RedisServer, startRedis } from '@headcount/tools/processes/redis.mjs'
import { runHeadcount, startServer } from '@headcount/tools/processes/server.mjs'
import { startProxy, type TcpProxy } from '@headcount/tools/processes/tcp-proxy.mjs'
import { createClient } from '@redis/client'
import { afterEach, describe, expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'
import { counts, openReplica, type TestReplica } from './replica.js'

const lease = 3_000
const key = 'hc:{0}:topic:t'

describeWith('redis', 'where Redis answers, but refuses', () => {
  const redis = withRedis(['--repl-diskless-sync-delay', '0'])
  const cleanup = cleanups()
  afterEach(async () => {
    await redis().command('REPLICAOF', 'NO', 'ONE')
    await refuseWrites(false)
    await redis().command('FLUSHALL')
  })

  const refuseWrites = (refuse: boolean) =>
    redis().command('CONFIG', 'SET', 'min-replicas-to-write', refuse ? '1' : '0')

  /** Opens a replica that watches the topic, and has `users` in it. */
  async function open(
    options: Parameters<typeof openReplica>[1],
    users: number | (() => number),
  ): Promise<TestReplica> {
    const replica = await openReplica(cleanup, options, { lease })
    await replica.watch('t')
    const current = typeof users === 'number' ? () => users : users
    cleanup(replica.keepCommitting(() => [counts('t', current(), 0)]))
    return replica
  }

  const commitKept = (replica: TestReplica, users: number) =>
    until(
      'a commit to be kept',
      async () => (await replica.engine.commit([counts('t', users, 0)]).catch(() => 'failed')) === 'kept',
      { within: lease },
    )

  const show = (replicas: readonly TestReplica[], users: number, within = lease + 1_000) =>
    until(`${users} on all replicas`, () => replicas.every(({ latest }) => latest('t')?.[0] === users), {
      within,
      got: () => replicas.map(({ latest }) => latest('t')),
    })

  describe('a replica whose address leads to another Redis by now', () => {
    async function startSecond(): Promise<[RedisServer, TcpProxy]> {
      const second = await startRedis()
      cleanup(() => second.remove())
      await second.command('REPLICAOF', '127.0.0.1', String(redis().port))
      const proxy = await startProxy(redis().port)
      cleanup(() => proxy.stop())
      return [second, proxy]
    }

    /** As managed failovers do: connections stay open, and only new ones lead to the new master. */
    async function failOver(second: RedisServer, proxy: TcpProxy): Promise<void> {
      await until('the copy to be complete', async () => (await second.command('HGET', key, 't'))?.length > 0)
      await second.command('REPLICAOF', 'NO', 'ONE')
      await redis().command('REPLICAOF', '127.0.0.1', String(second.port))
      proxy.redirect(second.port)
    }

    const isInSecond = (second: RedisServer, totals: string) =>
      until(`${totals} in the new master`, async () => (await second.command('HGET', key, 't')) === totals, {
        within: lease,
      })

    it('drops a connection that answers READONLY, and commits to the new master within a lease', async () => {
      const [second, proxy] = await startSecond()
      let mine = 3
      const [a, b] = [await open({ urls: [proxy.redisUrl] }, () => mine), await open({ urls: [proxy.redisUrl] }, 4)]
      const left = async () => (await redis().command('CLIENT', 'LIST')).match(/name=headcount/g)?.length ?? 0
      await show([a, b], 7)
      expect(await left()).toBe(4)
      await failOver(second, proxy)
      mine = 5
      await commitKept(a, mine)
      await isInSecond(second, '9 0')
      await show([a, b], 9)
      // Neither commands nor subscriptions stay at the old one.
      await until('all to have moved', async () => (await left()) === 0, { within: 2 * lease, got: left })
      await a.engine.commit([counts('t', 6, 0)])
      await show([b], 10, 1_000)
    }, 30_000)

    it("drops the caller's connection too, and leaves the client open", async () => {
      const [second, proxy] = await startSecond()
      const client = createClient({ url: proxy.redisUrl, disableOfflineQueue: true })
      client.on('error', () => {})
      await client.connect()
      cleanup(() => client.destroy())
      let mine = 3
      const a = await open({ client }, () => mine)
      await show([a], 3)
      await failOver(second, proxy)
      // The copy does not have this.
      mine = 5
      await isInSecond(second, '5 0')
      expect(client.isReady).toBe(true)
    }, 30_000)

    it('subscribes there if only its subscriptions stayed at the old one', async () => {
      const [second, proxy] = await startSecond()
      const [a, b] = [await open({ urls: [proxy.redisUrl] }, 3), await open({ urls: [proxy.redisUrl] }, 4)]
      await show([a, b], 7)
      await until('the copy to be complete', async () => (await second.command('HGET', key, 't')) === '7 0')
      await second.command('REPLICAOF', 'NO', 'ONE')
      proxy.redirect(second.port)
      await redis().command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await pause(lease)
      await a.engine.commit([counts('t', 6, 0)])
      await show([b], 10, 1_000)
      expect(await redis().command('PUBSUB', 'SHARDCHANNELS')).toBe('')
    }, 30_000)

    it('drops a connection that answers MASTERDOWN', async () => {
      const [second, proxy] = await startSecond()
      const a = await open({ urls: [proxy.redisUrl] }, 3)
      await show([a], 3)
      await until('the copy to be complete', async () => (await second.command('HGET', key, 't')) === '3 0')
      await second.command('REPLICAOF', 'NO', 'ONE')
      await redis().command('CONFIG', 'SET', 'replica-serve-stale-data', 'no')
      await redis().command('REPLICAOF', '127.0.0.1', '1')
      proxy.redirect(second.port)
      await second.command('FLUSHALL')
      await isInSecond(second, '3 0')
    }, 30_000)
  })

  it('is right within a lease after a restart in which Redis answers LOADING', async () => {
    const answerOften = ['--loading-process-events-interval-bytes', '1024']
    const slow = await startRedis(['--enable-debug-command', 'local', '--key-load-delay', '1000', ...answerOften])
    cleanup(() => slow.remove())
    let mine = 3
    const [a, b] = [await open({ urls: [slow.url] }, () => mine), await open({ urls: [slow.url] }, 4)]
    await show([a, b], 7)
    await slow.command('DEBUG', 'POPULATE', '3000')
    await slow.command('SAVE')
    await slow.kill()
    let refused = 0
    const started = slow.start().then(() => true)
    const isUp = () => Promise.race([started, pause(50)])
    while ((await isUp()) !== true) {
      const error = await slow.command('GET', 'key:0').catch(String)
      if (/LOADING/.test(error)) refused += 1
    }
    expect(refused).toBeGreaterThan(10)
    // Both still show 7 from before, so that only a change proves that both are connected again.
    mine = 6
    await commitKept(a, mine)
    await show([a, b], 10, lease)
  }, 30_000)

  describe('replicas that are lost and cannot commit again', () => {
    it.each([
      ['too few copies', () => refuseWrites(true)],
      ['read-only', () => redis().command('REPLICAOF', '127.0.0.1', '1')],
      ['out of memory', () => redis().command('CONFIG', 'SET', 'maxmemory', '1')],
    ])(
      'show at least their own presences and at most the truth: %s',
      async (_, refuse) => {
        const [a, b] = [await open({ urls: [redis().url] }, 60), await open({ urls: [redis().url] }, 40)]
        await show([a, b], 100)
        const before = [a.received.length, b.received.length] as const
        await redis().command('FLUSHALL')
        await refuse()
        await pause(lease)
        await redis().command('CLIENT', 'KILL', 'TYPE', 'pubsub')
        await pause(lease / 2)
        await redis().command('REPLICAOF', 'NO', 'ONE')
        await redis().command('CONFIG', 'SET', 'maxmemory', '0')
        await refuseWrites(false)
        await show([a, b], 100)
        const shown = (replica: TestReplica, i: number) =>
          replica.received.slice(before[i]).map(({ totals }) => totals[0]!)
        for (const count of shown(a, 0)) expect(count).toSatisfy((n: number) => n >= 60 && n <= 100)
        for (const count of shown(b, 1)) expect(count).toSatisfy((n: number) => n >= 40 && n <= 100)
      },
      30_000,
    )
  })

  describe('a server without clients', () => {
    const ready = async (url: string) => (await fetch(`${url}/readyz`)).status

    async function startUnready(): Promise<string> {
      const port = await freePort()
      const child = runHeadcount(['serve', '--port', String(port), '--redis', redis().url])
      cleanup(() => child.kill())
      const url = `http://127.0.0.1:${port}`
      await child.until('it listens', async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.ok === true)
      return url
    }

    it('is not ready before its first lease is written', async () => {
      await refuseWrites(true)
      const url = await startUnready()
      for (let i = 0; i < 10; i++) {
        expect(await ready(url)).toBe(503)
        await pause(200)
      }
      await refuseWrites(false)
      await until('it to be ready', async () => (await ready(url)) === 200)
      expect(await redis().command('HLEN', 'hc:{0}:leases')).toBe('1')
    }, 30_000)

    it('is not ready on a read-only Redis', async () => {
      await redis().command('REPLICAOF', '127.0.0.1', '1')
      const url = await startUnready()
      expect(await ready(url)).toBe(503)
      await pause(2_500)
      expect(await ready(url)).toBe(503)
      await redis().command('REPLICAOF', 'NO', 'ONE')
      await until('it to be ready', async () => (await ready(url)) === 200)
    }, 30_000)

    it('is no longer ready once its lease cannot be renewed', async () => {
      const lease = 8_000
      const server = await startServer(['--redis', redis().url, '--lease', String(lease)])
      cleanup(() => server.stop())
      expect(await ready(server.url)).toBe(200)
      await refuseWrites(true)
      await until('it to be unready', async () => (await ready(server.url)) === 503, { within: lease / 2 })
      await refuseWrites(false)
      await until('it to be ready again', async () => (await ready(server.url)) === 200, { within: lease })
    }, 30_000)
  })
})

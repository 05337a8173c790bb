import { pause, until } from '@headcount/testing'
import { type RedisServer, startRedis } from '@headcount/tools/processes/redis.mjs'
import { type HeadcountServer, startServer } from '@headcount/tools/processes/server.mjs'
import { afterAll, expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedisCluster } from '../support/with-redis.js'
import { openReplica } from './replica.js'

const it = test.concurrent
const outage = 4_000

/** The log of a server since an offset of its output. */
function linesOf({ output }: HeadcountServer, from: number): string[] {
  return output
    .slice(from)
    .split('\n')
    .filter((line) => line.trim() !== '')
}

describeWith('redis', 'the log of an outage', () => {
  const cluster = withRedisCluster({ nodeTimeout: 1_500 })
  const cleanup = cleanups(afterAll)

  async function start(args?: readonly string[]): Promise<RedisServer> {
    const redis = await startRedis(args)
    cleanup(() => redis.remove())
    return redis
  }

  it('has one line for its begin and one for its end, however many failures there are', async () => {
    const redis = await start()
    const server = await startServer(['--redis', redis.url, '--lease', '2000'])
    cleanup(() => server.stop())
    await server.child.until('it has started', (output) => output.includes('Headcount is at'))
    const from = server.output.length
    const read = () => fetch(`${server.url}/api/counts/unwatched`).then(({ status }) => status)
    const ready = async () => (await fetch(`${server.url}/readyz`)).status
    await redis.kill()
    await until('it to notice', async () => (await ready()) === 503)
    for (const end = performance.now() + outage; performance.now() < end; ) {
      expect(await read()).toBe(503)
      await pause(50)
    }
    await redis.start()
    await until('it to be ready', async () => (await ready()) === 200)
    await until('the last line', () => server.output.slice(from).includes('engine reachable again'))
    await pause(500)
    const lines = linesOf(server, from)
    const messages = lines.map((line) => JSON.parse(line).msg).sort()
    expect(messages).toEqual([
      'engine lost this replica, committing everything again',
      'engine reachable again',
      'engine unreachable, serving local counts',
      'request failed',
      'subscribed again',
      'subscriptions to Redis lost, retrying',
    ])
    const end = lines.find((line) => line.includes('engine reachable again'))
    expect(JSON.parse(end!)).toMatchObject({ seconds: expect.any(Number), failures: expect.any(Number) })
  }, 30_000)

  test('has the reason why there is no connection, such as a password that was changed', async () => {
    const redis = await start()
    const acl = (...rules: string[]) => redis.command('ACL', 'SETUSER', 'app', ...rules)
    await acl('on', '>old', '~*', '&*', '+@all')
    const server = await startServer(['--redis', redis.url.replace('//', '//app:old@'), '--lease', '2000'])
    cleanup(() => server.stop())
    await acl('resetpass', '>new')
    await redis.command('CLIENT', 'KILL', 'USER', 'app')
    await until('the outage', () => server.output.includes('engine_outage_began'))
    const began = server.output.split('\n').find((line) => line.includes('engine_outage_began'))
    expect(JSON.parse(began!).reason).toMatch(/^no connection to Redis: WRONGPASS /)
    expect(server.output).not.toContain('app:old')
  }, 30_000)

  it('does not report lost subscriptions if Redis refuses writes because its disk is full', async () => {
    const redis = await start(['--save', '1 1', '--enable-protected-configs', 'yes'])
    const messages: string[] = []
    const warn = ({ reason }: { reason?: string }, message: string) => void messages.push(`${message}: ${reason}`)
    const urls = [redis.url]
    const lease = 2_000
    const { engine } = await openReplica(cleanup, { urls, logger: { info() {}, warn } }, { lease })
    // No file system accepts such a name.
    await redis.command('CONFIG', 'SET', 'dbfilename', 'x'.repeat(300))
    await redis.command('SET', 'changed', '1')
    const answer = () => engine.commit([]).catch((error: Error) => error.message)
    await until('writes to be refused', async () => (await answer()).includes('MISCONF'), { within: 10_000 })
    // Redis refuses pings, too, which are sent four times per lease.
    await pause(lease)
    expect(messages).toEqual([])
  }, 30_000)

  it('is not logged more often if one node of a Redis Cluster is unreachable and topics of others change', async () => {
    const messages: string[] = []
    const log = (_: object, message: string) => void messages.push(message)
    const urls = cluster().nodes.map(({ url }) => url)
    const replica = await openReplica(cleanup, { urls, logger: { info: log, warn: log } }, { lease: 2_000 })
    for (let i = 0; i < 20; i++) await replica.watch(`video:${i}`)
    const master = await cluster().masterOf('{1}')
    await master.kill()
    const end = performance.now() + outage
    for (let i = 20; performance.now() < end; i++) {
      replica.watch(`video:${i}`).catch(() => {})
      await pause(50)
    }
    await cluster().settle()
    await until('all to be subscribed', () => messages.includes('subscribed again'))
    expect(
      messages.filter((message) => message === 'subscriptions to Redis lost, retrying').length,
    ).toBeLessThanOrEqual(2)
    await master.start()
    await cluster().settle()
  }, 60_000)
})

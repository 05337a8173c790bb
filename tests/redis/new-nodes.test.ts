import { until } from '@headcount/testing'
import { freePorts } from '@headcount/tools/processes/free-port.mjs'
import { type RedisServer, redisServer } from '@headcount/tools/processes/redis.mjs'
import { startProxy } from '@headcount/tools/processes/tcp-proxy.mjs'
import { createCluster } from '@redis/client'
import { afterAll, expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { counts, openReplica } from './replica.js'

const it = test.concurrent
const lease = 2_000

describeWith('redis', 'where all nodes of a Redis Cluster are replaced by new ones', () => {
  const cleanup = cleanups(afterAll)

  /** Starts a node that serves no slots yet. */
  async function startNode(flags: readonly string[] = []): Promise<RedisServer> {
    const [port = 0, busPort = 0] = await freePorts(2)
    const node = redisServer(port, ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), ...flags])
    cleanup(node.remove)
    await node.start()
    return node
  }

  const serve = (node: RedisServer, from: number, to: number) =>
    node.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to))

  it('the engine does not open before they serve slots, in words', async () => {
    const node = await startNode()
    await expect(openReplica(cleanup, { urls: [node.url] })).rejects.toThrow(
      'expected a Redis Cluster that serves slots, got one that has not been created (redis-cli --cluster create)',
    )
  })

  it('the engine does not open if they name addresses that it cannot use, and says which', async () => {
    const node = await startNode(['--cluster-announce-ip', '192.0.2.1'])
    await serve(node, 0, 16_383)
    await expect(openReplica(cleanup, { urls: [node.url] })).rejects.toThrow(
      `cannot connect to Redis at 127.0.0.1:${node.port}, which names 192.0.2.1:${node.port}: `,
    )
  })

  it.each(['its own client', "the caller's client"])('the engine follows, with %s', async (whose) => {
    const old = await startNode()
    await serve(old, 0, 16_383)
    const proxy = await startProxy(old.port)
    cleanup(proxy.stop)
    const rootNodes = [{ url: proxy.redisUrl }]
    const client = createCluster({ rootNodes, topologyRefreshOnReconnectionAttemptStrategy: 200 })
    if (whose !== 'its own client') {
      client.on('error', () => {})
      await client.connect()
      cleanup(() => client.destroy())
    }
    const options = whose === 'its own client' ? { urls: [proxy.redisUrl] } : { client }
    const replica = await openReplica(cleanup, options, { lease })
    await replica.watch('t')
    cleanup(replica.keepCommitting(() => [counts('t', 1, 2)]))
    await until('the totals', () => String(replica.latest('t')) === '1,2')

    const node = await startNode()
    proxy.redirect(node.port)
    await old.kill()
    const calls = async () => /cmdstat_cluster\|slots:calls=(\d+)/.exec(await node.command('INFO', 'commandstats'))?.[1]
    await until('the client to read that no slots are served', async () => (await calls()) !== undefined)
    await serve(node, 0, 8_000)
    await until('the client to read some slots', async () => Number(await calls()) > 3)
    await serve(node, 8_001, 16_383)
    await until('the node to serve', async () => (await node.command('CLUSTER', 'INFO')).includes('state:ok'))
    const other = await openReplica(cleanup, { urls: [node.url] }, { lease })
    await other.engine.commit([counts('t', 10, 10)])
    await until('the totals of both', () => String(replica.latest('t')) === '11,12', { within: 2 * lease })
  })
})

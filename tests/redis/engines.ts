import { redisEngine } from '@headcount/redis'
import { pause } from '@headcount/testing'
import type { EngineCluster } from '@headcount/testing/engine'
import type { RedisServer } from '@headcount/tools/processes/redis.mjs'
import type { RedisCluster } from '@headcount/tools/processes/redis-cluster.mjs'
import { startProxy } from '@headcount/tools/processes/tcp-proxy.mjs'
import { createCluster } from '@redis/client'

let clusters = 0

/** Replicas over a real Redis, each behind a proxy that simulates faults. */
export function redisEngines(redis: RedisServer, lease: number): EngineCluster {
  return engines([redis], lease, async (prefix) => {
    const proxy = await startProxy(redis.port)
    return {
      engine: redisEngine({ urls: [proxy.redisUrl], prefix }),
      crash: async () => proxy.crash(),
      pause: async () => proxy.delay(),
      partition: async () => proxy.partition(),
      heal: async () => proxy.heal(),
      stop: () => proxy.stop(),
    }
  })
}

/** Replicas over a real Redis Cluster, whose clients connect to its nodes directly: their only fault is a crash. */
export function redisClusterEngines({ nodes }: RedisCluster, lease: number): EngineCluster {
  return engines(nodes, lease, async (prefix) => {
    const client = createCluster({ rootNodes: nodes.map(({ url }) => ({ url })) })
    await client.connect()
    const engine = redisEngine({ client, prefix })
    const impossible = () => Promise.reject(new Error('a cluster client has no such fault'))
    const crash = async () => client.destroy()
    const stop = async () => {
      await engine.close()
      if (client.isOpen) client.destroy()
    }
    return { engine, crash, pause: impossible, partition: impossible, heal: impossible, stop }
  })
}

type StoppableReplica = Awaited<ReturnType<EngineCluster['addReplica']>> & { stop(): Promise<void> }

function engines(
  servers: readonly Pick<RedisServer, 'command'>[],
  lease: number,
  makeReplica: (prefix: string) => Promise<StoppableReplica>,
): EngineCluster {
  const prefix = `test-${++clusters}`
  const replicas: StoppableReplica[] = []
  return {
    lease,
    addReplica: async () => {
      const replica = await makeReplica(prefix)
      replicas.push(replica)
      return replica
    },
    // A lease expires exactly in Redis, but the other replicas wait a little before they remove it.
    expireLeases: () => pause(lease * 1.1),
    size: async () => {
      const lists = await Promise.all(servers.map((server) => server.command('KEYS', `${prefix}:*`)))
      const keys = lists.flatMap((list) => list.split('\n')).filter((key) => key !== '')
      // While a replica is open it has a lease, and the cluster has settings.
      const open = keys.includes(`${prefix}:{0}:leases`)
      return keys.filter((key) => !(open && /:\{0\}:(leases|settings)$/.test(key))).length
    },
    close: async () => void (await Promise.all(replicas.map((replica) => replica.stop()))),
  }
}

import { freePorts } from './free-port.mjs'
import { redisCli, redisServer } from './redis.mjs'

/** @typedef {Awaited<ReturnType<typeof startRedisCluster>>} RedisCluster */

/**
 * Starts a Redis Cluster on 127.0.0.1: three masters with a replica each. Resolves when it has settled.
 *
 * @param {{ nodeTimeout?: number }} [options] After so many ms without an answer a master is replaced by its replica.
 */
export async function startRedisCluster({ nodeTimeout = 2000 } = {}) {
  const size = 6
  const ports = await freePorts(2 * size)
  const nodes = ports.slice(0, size).map((port, i) => {
    const args = ['--cluster-enabled', 'yes', '--cluster-port', String(ports[size + i])]
    return redisServer(port, [...args, '--cluster-node-timeout', String(nodeTimeout)])
  })
  await Promise.all(nodes.map((node) => node.start()))
  const addresses = nodes.map((node) => `127.0.0.1:${node.port}`)
  await redisCli('--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes')

  /** Waits until every running node sees all slots served and follows its master. */
  const settle = async ({ within = 30_000 } = {}) => {
    const deadline = performance.now() + within
    for (;;) {
      const running = nodes.filter((node) => node.running)
      const problems = (await Promise.all(running.map(problemOf))).filter((problem) => problem !== undefined)
      if (problems.length === 0) return
      if (performance.now() > deadline) throw new Error(`the cluster did not settle: ${problems.join('; ')}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  await settle()

  return {
    /** Masters and replicas. */
    nodes,
    settle,
    /** @param {string} key @returns The node that serves the key's slot now. */
    masterOf: async (key) => {
      const node = nodes.find(({ running }) => running)
      const slot = Number(await node?.command('CLUSTER', 'KEYSLOT', key))
      /** @type {[number, number, [string, number]][]} */
      const slots = JSON.parse((await node?.command('--json', 'CLUSTER', 'SLOTS')) ?? '[]')
      const port = slots.find(([first, last]) => first <= slot && slot <= last)?.[2][1]
      const master = nodes.find((each) => each.port === port)
      if (master === undefined) throw new Error(`no node serves slot ${slot}`)
      return master
    },
    remove: () => Promise.all(nodes.map((node) => node.remove())),
  }
}

/** @param {import('./redis.mjs').RedisServer} node */
async function problemOf(node) {
  const state = await node.command('CLUSTER', 'INFO')
  if (!state.includes('cluster_state:ok')) return `${node.port} does not see every slot served`
  const replication = await node.command('INFO', 'replication')
  return replication.includes('master_link_status:down') ? `${node.port} has lost its master` : undefined
}

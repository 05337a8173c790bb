import { freePorts } from './free-port.mjs'
import { redisCli, redisServer } from './redis.mjs'

/** @typedef {Awaited<ReturnType<typeof startRedisCluster>>} RedisCluster */
/** @typedef {import('./redis.mjs').RedisServer} RedisServer */

/**
 * Starts a Redis Cluster on 127.0.0.1: three masters with a replica each. Resolves when it has settled.
 *
 * @param {{ nodeTimeout?: number }} [options] The ms without an answer after which a replica replaces a master.
 */
export async function startRedisCluster({ nodeTimeout = 2000 } = {}) {
  const size = 6
  const ports = await freePorts(2 * size)
  const nodes = ports.slice(0, size).map((port, i) => {
    const args = ['--cluster-enabled', 'yes', '--cluster-port', String(ports[size + i])]
    return redisServer(port, [...args, '--cluster-node-timeout', String(nodeTimeout)])
  })
  const [first, second] = /** @type {[RedisServer, RedisServer]} */ (nodes)
  await Promise.all(nodes.map((node) => node.start()))
  const addresses = nodes.map((node) => `127.0.0.1:${node.port}`)
  await redisCli('--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes')

  /** Waits until every running node sees all slots served, by the same masters, and follows its own. */
  const settle = async ({ within = 30_000 } = {}) => {
    const deadline = performance.now() + within
    for (;;) {
      const running = nodes.filter((node) => node.running)
      const problems = (await Promise.all(running.map(problemOf))).filter((problem) => problem !== undefined)
      if (problems.length === 0 && new Set(await Promise.all(running.map(slotsOf))).size === 1) return
      if (performance.now() > deadline) {
        throw new Error(`the cluster did not settle: ${problems.join('; ') || 'its nodes do not agree'}`)
      }
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
      const lines = (await node?.command('CLUSTER', 'NODES'))?.split('\n') ?? []
      const hasSlot = (/** @type {string} */ range) => {
        const [first = Number.NaN, last = first] = range.split('-').map(Number)
        return first <= slot && slot <= last
      }
      const line = lines.find((line) => line.split(' ').slice(8).some(hasSlot))
      const master = nodes.find(({ port }) => line?.includes(`:${port}@`))
      if (master === undefined) throw new Error(`no node serves slot ${slot}`)
      return master
    },
    /**
     * Moves every slot with keys from the first node to the second, then those of the second to the first, and so on.
     * Both are masters after the start.
     *
     * @param {number} times An odd number ends at the second.
     * @returns How many slots were moved.
     */
    moveSlots: async (times) => {
      let moved = 0
      for (let i = 0; i < times; i++) moved += await (i % 2 === 0 ? moveAll(first, second) : moveAll(second, first))
      return moved
    },
    remove: () => Promise.all(nodes.map((node) => node.remove())),
  }
}

/** @param {RedisServer} from @param {RedisServer} to */
async function moveAll(from, to) {
  const [source, target] = [await from.command('CLUSTER', 'MYID'), await to.command('CLUSTER', 'MYID')]
  const keys = (await from.command('KEYS', '*')).split('\n')
  const slots = new Set(await Promise.all(keys.map((key) => from.command('CLUSTER', 'KEYSLOT', key))))
  for (const slot of slots) {
    await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source)
    await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target)
    const left = async () => (await from.command('CLUSTER', 'GETKEYSINSLOT', slot, '1000')).split('\n')
    for (let keys = await left(); keys[0] !== ''; keys = await left()) {
      const answer = await from.command('MIGRATE', '127.0.0.1', `${to.port}`, '', '0', '5000', 'KEYS', ...keys)
      // NOKEY: they have expired, or a program removed them.
      if (answer !== 'OK' && answer !== 'NOKEY') throw new Error(`slot ${slot} cannot be moved: ${answer}`)
    }
    for (const node of [to, from]) await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', target)
  }
  return slots.size
}

/** Which node serves which slots, according to this one. @param {RedisServer} node */
async function slotsOf(node) {
  const lines = (await node.command('CLUSTER', 'NODES')).split('\n').map((line) => line.split(' '))
  return String(lines.flatMap(([id, , , , , , , , ...slots]) => (slots.length > 0 ? [`${id} ${slots}`] : [])).sort())
}

/** @param {RedisServer} node */
async function problemOf(node) {
  const state = await node.command('CLUSTER', 'INFO')
  if (!state.includes('cluster_state:ok'))
    return `${node.port} does not see every slot served:\n${await node.command('CLUSTER', 'NODES')}`
  const replication = await node.command('INFO', 'replication')
  return replication.includes('master_link_status:down') ? `${node.port} has lost its master` : undefined
}

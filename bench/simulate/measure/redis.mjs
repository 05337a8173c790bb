import { execFileSync } from 'node:child_process'
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { redisEngine } from '@headcount/redis'
import { cpuOf } from '../../measure/cpu.mjs'
import { redisProgram, startRedis } from '../../server/redis.mjs'

const cli = redisProgram?.replace('-server', '-cli') ?? 'redis-cli'
const [topics, replicas, strangers, listeners] = [1000, 4, 400, 50]

/**
 * What a command, a topic named in it, a lease beside it, a message and a watched topic cost Redis and a replica. The engine is real,
 * the Redis is real and its own; each cost is what one run spends beyond another that differs in that alone.
 */
export async function measureRedis() {
  const redis = await startRedis()
  const url = `redis://127.0.0.1:${redis.port}`
  /** @param {string[]} words */
  const ask = (...words) => execFileSync(cli, ['-p', String(redis.port), ...words], { encoding: 'utf8' })
  const stat = (/** @type {string} */ section, /** @type {string} */ name) =>
    Number(new RegExp(`${name}:(\\d+)`).exec(ask('INFO', section))?.[1])
  const bytesNow = () => stat('stats', 'total_net_input_bytes') + stat('stats', 'total_net_output_bytes')
  /** What `act` spends: µs of Redis, µs of this process, bytes over the network. @param {() => Promise<void>} act */
  const spent = async (act) => {
    const [cpu, bytes, mine] = [cpuOf(redis.pid), bytesNow(), process.cpuUsage()]
    await act()
    const { user, system } = process.cpuUsage(mine)
    return { redis: (cpuOf(redis.pid) - cpu) * 1e6, node: user + system, bytes: bytesNow() - bytes }
  }
  /** @type {import('@headcount/server').Engine[]} */
  const engines = []
  const open = async () => {
    const engine = redisEngine({ urls: [url], lease: 60_000 })
    await engine.open(`replica-${engines.length}-0123-4567-89ab-cdef01234567`, () => {})
    engines.push(engine)
    return engine
  }
  let round = 0
  /** @param {import('@headcount/server').Engine} engine @param {number} many @param {number} times @param {number} interval */
  const commit = async (engine, many, times, interval) => {
    for (let i = 0; i < times; i++) {
      round++
      await engine.commit(
        Array.from({ length: many }, (_, t) => ({
          topic: `video:${t}`,
          counts: [round % 7, round],
          people: [],
          interval,
        })),
      )
    }
  }
  /** The longest that the flush rule knows: hardly anything is published meanwhile. */
  const never = 2000
  try {
    const before = stat('memory', 'used_memory')
    const first = await open()
    const held = heap()
    const watching = await spent(async () => void (await watchAll(first, topics)))
    await commit(first, topics, 1, never)
    const kept = (heap() - held) / topics
    const alone = stat('memory', 'used_memory')
    // The first of each kind warms the code up.
    await commit(first, 1, 500, never)
    const single = await spent(() => commit(first, 1, 2000, never))
    await commit(first, 200, 20, never)
    const many = await spent(() => commit(first, 200, 100, never))
    const ofTopic = {
      redis: (many.redis / 100 - single.redis / 2000) / 199,
      node: (many.node / 100 - single.node / 2000) / 199,
      bytes: (many.bytes / 100 - single.bytes / 2000) / 199,
    }
    for (let i = 1; i < replicas; i++) {
      const engine = await open()
      await watchAll(engine, topics)
      await commit(engine, topics, 1, never)
    }
    const full = stat('memory', 'used_memory')
    // Nobody hears but one, at first, and then fifty others.
    for (const engine of engines.slice(1)) for (let t = 0; t < 200; t++) await engine.unwatch(`video:${t}`)
    await commit(first, 1, 200, 0)
    const told = await spent(() => commit(first, 1, 2000, 0))
    const toldAll = await spent(() => commit(first, 200, 100, 0))
    const sockets = await Promise.all(
      Array.from({ length: listeners }, () => listen(redis.port, 'headcount:{hc:0}:moved:0:video:0')),
    )
    const toldMany = await spent(() => commit(first, 1, 1000, 0))
    for (const socket of sockets) socket.destroy()
    const read = async () => {
      for (let i = 0; i < 500; i++) await first.read(['video:0'])
    }
    const reading = await spent(read)
    ask(
      'HSET',
      'headcount:{hc:0}:leases',
      ...Array.from({ length: strangers }, (_, i) => [
        `stranger-${i}-0123-4567-89ab-cdef0123`,
        `${Date.now() + 3_600_000} 1`,
      ]).flat(),
    )
    const among = await spent(read)
    ask(
      'HDEL',
      'headcount:{hc:0}:leases',
      ...Array.from({ length: strangers }, (_, i) => `stranger-${i}-0123-4567-89ab-cdef0123`),
    )
    const each = { redis: single.redis / 2000, node: single.node / 2000, bytes: single.bytes / 2000 }
    const rows = (full - alone) / (replicas - 1) / topics
    return {
      redisCall: each.redis - ofTopic.redis,
      redisTopic: ofTopic.redis,
      redisLease: (among.redis - reading.redis) / 500 / strangers,
      redisMessage: (toldMany.redis / 1000 - told.redis / 2000) / listeners,
      redisWatch: watching.redis / topics,
      replicaCall: each.node - ofTopic.node,
      replicaTopic: ofTopic.node,
      replicaMessage: (toldAll.node - many.node) / 100 / 200,
      replicaWatch: watching.node / topics,
      replicaTopicMemory: kept,
      redisCallBytes: each.bytes - ofTopic.bytes,
      redisTopicBytes: ofTopic.bytes,
      redisMessageBytes: told.bytes / 2000 - each.bytes,
      redisWatchBytes: watching.bytes / topics,
      redisTopicMemory: (alone - before) / topics - rows,
      redisRowMemory: rows,
    }
  } finally {
    for (const engine of engines) await engine.close().catch(() => {})
    await redis.stop()
  }
}

/** What this process's heap holds after a collection. */
function heap() {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

/** @param {import('@headcount/server').Engine} engine @param {number} many */
async function watchAll(engine, many) {
  for (let i = 0; i < many; i += 50) {
    await Promise.all(Array.from({ length: Math.min(50, many - i) }, (_, j) => engine.watch(`video:${i + j}`)))
  }
}

/** Somebody who hears a channel and does nothing. @param {number} port @param {string} channel */
function listen(port, channel) {
  const socket = connect(port, '127.0.0.1')
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('data', () => {
      socket.resume()
      resolve(socket)
    })
    socket.write(`SSUBSCRIBE ${channel}\r\n`)
  })
}

import { startRedis } from '../../tools/processes/redis.mjs'
import { pin } from '../pin.mjs'
import { cpuOf } from '../process-stats.mjs'
import { startSystem } from '../systems.mjs'

/** The commands that Headcount sends; all others run inside its scripts. */
const sentCommands = /^(evalsha|eval|s?(un)?subscribe|ping|hello)$/

/** @type {import('./scenario.mjs').Scenario} */
export const cluster = {
  name: 'cluster',
  what: 'Redis commands and bytes per change, about 800 changes per second over 20 topics, with N replicas',
  unit: 'replicas',
  sizes: [1, 2, 4, 8],
  columns: [
    ...['commands sent per change', 'with those of scripts', 'bytes per change', 'Redis CPU per change, µs'],
    ...['changes', 'wrong', 'lost'],
  ],
  async setup({ size }) {
    const redis = await startRedis()
    pin(1, redis.pid)
    const server = { args: ['--redis', redis.url] }
    /** @type {Awaited<ReturnType<typeof startSystem>>[]} */
    const others = []
    for (let i = 1; i < size; i++) others.push(await startSystem('headcount', server))
    const stop = async () => {
      for (const other of others) await other.stop()
      await redis.remove()
    }
    return { topics: 20, server, otherUrls: others.map(({ url }) => url), redis, stop }
  },
  async run({ trial, fleet, redis }) {
    if (redis === undefined) throw new Error('expected a Redis server from setup, got none')
    await trial.measure(() => fleet.grow({ to: 2000, rate: 1000, within: 60_000 }))
    const before = await usageOf(redis)
    const figures = await trial.measure(() => fleet.churn({ share: 0.2, seconds: 6, within: 60_000 }))
    const after = await usageOf(redis)
    const each = (/** @type {keyof typeof after} */ name) => (after[name] - before[name]) / figures.changes
    return {
      ...figures,
      'commands sent per change': each('sent'),
      'with those of scripts': each('all'),
      'bytes per change': each('bytes'),
      'Redis CPU per change, µs': each('cpu') * 1e6,
    }
  },
}

/**
 * The counters of Redis: commands sent over connections, all commands, bytes in and out, and seconds of CPU.
 * @param {import('../../tools/processes/redis.mjs').RedisServer} redis
 */
async function usageOf(redis) {
  const stats = await redis.command('INFO', 'stats')
  const commands = await redis.command('INFO', 'commandstats')
  const calls = [...commands.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].filter(([, name]) => name !== 'info')
  const sum = (/** @type {typeof calls} */ some) => some.reduce((total, [, , count]) => total + Number(count), 0)
  const bytes = [...stats.matchAll(/total_net_(?:in|out)put_bytes:(\d+)/g)]
  return {
    sent: sum(calls.filter(([, name = '']) => sentCommands.test(name))),
    all: sum(calls),
    bytes: bytes.reduce((total, [, count]) => total + Number(count), 0),
    cpu: cpuOf(redis.pid),
  }
}

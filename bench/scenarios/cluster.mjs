import { cpuOf } from '../measure/cpu.mjs'
import { now } from '../measure/now.mjs'
import { redisCounts, startRedis } from '../server/redis.mjs'
import { start } from '../server/start.mjs'
import { Trial } from '../trial.mjs'
import { soon } from './scenario.mjs'

const [clients, topics, seconds] = [2000, 20, 6]

/**
 * What a change costs Redis, counted by Redis, while a fifth of 2,000 clients in 20 topics goes and comes back each second,
 * spread over so many replicas.
 *
 * @type {import('./scenario.mjs').Scenario}
 */
export const cluster = {
  name: 'cluster',
  what: `commands and bytes of Redis for each change, ${(clients * 2) / 5} changes a second over ${topics} topics, on N replicas`,
  unit: 'replicas',
  sizes: [1, 2, 4, 8],
  quick: 2,
  // Redis counts, and no clock: it says the same each time.
  most: 3,
  systems: () => ['headcount'],
  alone: true,
  async run(bench, system, size) {
    const { fleet, quick, seed, nodeFlags } = bench
    const count = quick ? 200 : clients
    const redis = await startRedis()
    /** @type {Awaited<ReturnType<typeof start>>[]} */
    const others = []
    /** @type {Trial | undefined} */
    let trial
    try {
      const server = { args: ['--redis', `redis://127.0.0.1:${redis.port}`] }
      for (let i = 1; i < size; i++) others.push(await start('headcount', { ...server, nodeFlags }))
      const otherPorts = others.map(({ port }) => port)
      trial = await Trial.begin(bench, system, { topics, server, otherPorts })
      await fleet.join({ from: 0, to: count, at: now() + soon, rate: 1000, within: 60_000 })
      await trial.settle()
      const before = { ...redisCounts(redis.port), cpu: cpuOf(redis.pid) }
      const order = { perSecond: count / 5, seconds: quick ? 2 : seconds, seed, within: 60_000 }
      const { missing } = await fleet.churn(order)
      const end = await trial.settle()
      const after = { ...redisCounts(redis.port), cpu: cpuOf(redis.pid) }
      const changes = (await fleet.tally()).changes
      return {
        ...end,
        missing,
        changes,
        sentEach: (after.sent - before.sent) / changes,
        allEach: (after.all - before.all) / changes,
        bytesEach: (after.bytes - before.bytes) / changes,
        redisCpuEach: ((after.cpu - before.cpu) / changes) * 1e6,
      }
    } finally {
      await trial?.end()
      for (const other of [...others, redis]) await other.stop()
    }
  },
}

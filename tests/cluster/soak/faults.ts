import { pause, type Random } from '@headcount/testing'
import type { Cluster } from '../../support/cluster.js'

export interface Fault {
  readonly name: string
  /** The target of a fault. A target has one fault at a time. */
  readonly target: 'redis' | number
  begin(): unknown
  heal(): unknown
}

/** All faults of a cluster. A fault lasts until it is healed. */
export function faultsOf(cluster: Cluster): Fault[] {
  const { redis, servers, proxies } = cluster
  const nothing = () => {}
  return [
    ...servers.flatMap((server, target): Fault[] => {
      const restart = () => (server.running ? undefined : server.start())
      const proxy = proxies[target]!
      return [
        { name: `kill ${target}`, target, begin: () => server.kill(), heal: restart },
        { name: `drain ${target}`, target, begin: () => server.stop(), heal: restart },
        { name: `pause ${target}`, target, begin: () => server.pause(), heal: () => server.resume() },
        { name: `cut ${target} off from Redis`, target, begin: proxy.partition, heal: proxy.heal },
      ]
    }),
    // As likely as the faults of a replica.
    ...servers.flatMap((): Fault[] => [
      { name: 'restart Redis empty', target: 'redis', begin: redis.restartEmpty, heal: nothing },
      { name: 'pause Redis', target: 'redis', begin: () => redis.pause(), heal: () => redis.resume() },
      { name: 'kill Redis', target: 'redis', begin: () => redis.kill(), heal: () => redis.start() },
    ]),
  ]
}

/** One fault, two faults of different targets, or seldom none. */
export function pickFaults(seeded: Random, faults: readonly Fault[]): Fault[] {
  if (seeded.chance(0.1)) return []
  const [one, other] = [seeded.of(faults), seeded.of(faults)]
  return seeded.chance(0.3) && other.target !== one.target ? [one, other] : [one]
}

/** Begins faults, waits, and heals them: Redis first, because a replica does not start without it. */
export async function inflict(faults: readonly Fault[], seeded: Random, lease: number): Promise<void> {
  for (const { begin } of faults) {
    await begin()
    await pause(seeded.below(lease / 2))
  }
  await pause(seeded.below(2.5 * lease))
  const redisFirst = [...faults].sort((a, b) => Number(b.target === 'redis') - Number(a.target === 'redis'))
  for (const { heal } of redisFirst) await heal()
}

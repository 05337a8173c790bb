import { pause, type Random } from '@headcount/testing'
import type { Cluster } from '../cluster.js'

/** Something that befalls the cluster, and what mends it. */
export interface Fault {
  readonly name: string
  /** Whom it befalls: one thing at a time. */
  readonly whom: 'redis' | number
  begin(): Promise<unknown>
  heal(): Promise<unknown>
}

/** What may befall a cluster. Durations are the soak's: a fault lasts until it is healed. */
export function faultsOf(cluster: Cluster): Fault[] {
  const { redis, servers } = cluster
  const sync = (act: () => unknown) => async () => act()
  const nothing = async () => {}
  const restart = async (index: number) => {
    if (servers[index]!.child.ended) await servers[index]!.start()
  }
  return [
    ...servers.flatMap((server, whom): Fault[] => [
      { name: `kill ${whom}`, whom, begin: () => server.kill(), heal: () => restart(whom) },
      { name: `drain ${whom}`, whom, begin: () => server.stop(), heal: () => restart(whom) },
      {
        name: `hold ${whom} still`,
        whom,
        begin: sync(() => server.pause()),
        heal: sync(() => server.resume()),
      },
      {
        name: `cut ${whom} off from Redis`,
        whom,
        begin: sync(() => cluster.proxy(whom).cut()),
        heal: sync(() => cluster.proxy(whom).heal()),
      },
    ]),
    // As likely as what befalls a replica.
    ...servers.flatMap((): Fault[] => [
      { name: 'restart Redis empty', whom: 'redis', begin: () => redis.restartEmpty(), heal: nothing },
      {
        name: 'hold Redis still',
        whom: 'redis',
        begin: sync(() => redis.pause()),
        heal: sync(() => redis.resume()),
      },
      { name: 'take Redis away', whom: 'redis', begin: () => redis.kill(), heal: () => redis.start() },
    ]),
  ]
}

/** One fault, two at once that befall different things, or, now and then, none. */
export function pick(dice: Random, faults: readonly Fault[]): Fault[] {
  if (dice.chance(0.1)) return []
  const one = dice.of(faults)
  const other = dice.of(faults)
  return dice.chance(0.3) && other.whom !== one.whom ? [one, other] : [one]
}

/** Lets faults begin, last, and be healed: Redis first, for a replica does not start without. */
export async function befall(faults: readonly Fault[], dice: Random, lease: number): Promise<void> {
  for (const { begin } of faults) {
    await begin()
    await pause(dice.below(lease / 2))
  }
  await pause(dice.below(2.5 * lease))
  const redisFirst = [...faults].sort((a, b) => Number(b.whom === 'redis') - Number(a.whom === 'redis'))
  for (const { heal } of redisFirst) await heal()
}

import type { ReplicaId } from '@headcount/core'
import { connect } from './connect.js'
import { contextOf, nameOf } from './context.js'
import { unreachable } from './error.js'
import { forget } from './forget.js'
import type { RedisClientLike, RedisClusterLike } from './link.js'
import { optionsOf, type RedisEngineOptions } from './options.js'
import { Promises } from './promises.js'

/**
 * Takes all away that a replica holds, at once, in place of waiting for its lease to lapse: for whoever knows that its process is
 * dead. One that lives all the same learns it from its next commit, and says everything anew.
 * @throws {RedisEngineError} `unreachable`: the replica is forgotten when its lease lapses.
 */
export async function forgetReplica(
  from: RedisClientLike | RedisClusterLike | RedisEngineOptions,
  replica: ReplicaId,
): Promise<void> {
  const options = optionsOf(from)
  const connected = await connect(options)
  const gone = nameOf(replica)
  const context = contextOf(options, connected, replica, () => {})
  const take = async (slot: number): Promise<void> => {
    const promises = new Promises(slot, context, () => 0)
    const { due } = await forget(context, slot, gone, 'closed', () => undefined)
    for (const { topic, due: wait, interval } of due) promises.add(topic, 0, wait, interval)
    await promises.settle()
  }
  try {
    await Promise.all(Array.from({ length: context.keys.slots }, (_, slot) => take(slot)))
  } catch (error) {
    throw unreachable(error)
  } finally {
    await connected.link.close()
  }
}

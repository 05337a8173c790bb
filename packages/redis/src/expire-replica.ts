import { defaultLease, type ReplicaId } from '@headcount/core'
import { readPubsub } from './cluster-settings.js'
import type { RedisClientLike, RedisClusterLike } from './commands.js'
import { connect } from './connect.js'
import { unreachable } from './errors.js'
import { expire } from './expire.js'
import { homeSlot } from './keys.js'
import { type RedisEngineOptions, resolveOptions } from './options.js'
import { engineContext, slotContexts } from './slot-context.js'

/** For timeouts. Redis has the number of groups of existing topics. */
const assumed = { lease: defaultLease, groups: 1 }

/**
 * Removes all data of a replica from Redis at once, without waiting for its lease to expire: for a caller that knows
 * that its process has exited. A replica that still runs detects this by its next commit, and commits everything again.
 * @throws {RedisEngineError} `unreachable`: the replica is removed when its lease expires.
 */
export async function expireReplica(
  from: RedisClientLike | RedisClusterLike | RedisEngineOptions,
  replica: ReplicaId,
): Promise<void> {
  const options = resolveOptions(from)
  const connection = await connect(options, assumed.lease)
  try {
    const context = engineContext(options, connection, replica, assumed)
    const slots = slotContexts(context)
    await readPubsub(slots[homeSlot]!)
    await Promise.all(slots.map((slot) => expire(slot, context.replica, 'closed')))
  } catch (error) {
    throw unreachable(error)
  } finally {
    connection.commands.close()
  }
}

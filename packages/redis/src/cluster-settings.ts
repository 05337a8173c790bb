import { RedisEngineError } from './errors.js'
import { noCommand, noPermission } from './permissions.js'
import { Script } from './script.js'
import type { SlotContext } from './slot-context.js'

/** Version of the keys, fields and messages that lua/ describes. Replicas of different layouts cannot work together. */
const layout = '1'

const script = new Script('join')

/**
 * Reads the settings that all replicas share from Redis: the kind of pub/sub. The first replica writes them.
 * @param home the context of the home slot.
 * @param step `join` also writes the replica's first lease, and tries each command once. `refresh` keeps the settings
 * from expiring, and writes them again to a Redis that lost them.
 * @returns whether the kind of pub/sub changed.
 * @throws {RedisEngineError} `no_permission`, `mismatch`; otherwise what `send` throws.
 */
export async function agreeOnSettings(home: SlotContext, step: 'join' | 'refresh'): Promise<boolean> {
  const { slotKeys, replica, lease, groups, keys, pubsub } = home
  const names = [slotKeys.settings, slotKeys.leases, slotKeys.probe]
  const joins = step === 'join'
  const channel = `${slotKeys.presence}${replica}`
  const reply = await script.run(home, names, [replica, joins ? lease : 0, layout, joins ? 1 : 0, channel])
  const [status, ...rest] = reply.map(String)
  if (status === 'missing') throw noPermission(rest, keys.prefix)
  if (status === 'unknown') throw noCommand(rest)
  const [theirLayout, theirGroups, publish] = rest
  if (status === 'differs') {
    const expected = `${theirGroups} groups and layout ${theirLayout}, as the running replicas have`
    throw new RedisEngineError('mismatch', `expected ${expected}, got ${groups} groups and layout ${layout}`)
  }
  const sharded = publish === 'SPUBLISH'
  const changed = pubsub.sharded !== sharded
  pubsub.sharded = sharded
  return changed
}

/** Adopts the kind of pub/sub of the cluster, if it is set. */
export async function readPubsub({ requests, slotKeys, pubsub }: SlotContext): Promise<void> {
  const { settings } = slotKeys
  const publish = await requests.send(settings, ['HGET', settings, 'publish'])
  if (publish !== null) pubsub.sharded = publish === 'SPUBLISH'
}

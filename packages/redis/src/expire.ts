import type { Topic } from '@headcount/core'
import type { LeaseEnd } from './commit-script.js'
import { Script } from './script.js'
import type { SlotContext } from './slot-context.js'

/** How many topics one call processes, and how many people of each it reads. */
const topicsPerCall = 32
const peoplePerCall = 500

const script = new Script('expire')

/**
 * Removes all data of a replica from a slot, in several short calls. Several replicas may do this at once.
 * @param reason `expired`: only if its lease has expired; `crashed`: only if `number` is still its newest commit;
 * `rejoin`: without publishing.
 * @returns when its lease expires, if it has not expired yet.
 */
export async function expire(
  context: SlotContext,
  replica: string,
  reason: 'expired' | 'crashed' | 'closed' | 'rejoin',
  number = '',
): Promise<LeaseEnd | undefined> {
  const { slotKeys } = context
  const key = slotKeys.replica(replica)
  let cursors = new Map<Topic, string>()
  for (;;) {
    if (cursors.size === 0) {
      const members = (await context.requests.send(key, ['SRANDMEMBER', key, String(topicsPerCall)])) as unknown[]
      cursors = new Map(members.map((topic) => [String(topic), '0']))
    }
    const topics = [...cursors.keys()]
    const own = [slotKeys.leases, key, slotKeys.settings, ...slotKeys.transitions]
    const keys = [...own, ...topics.map((topic) => slotKeys.topic(topic))]
    const args = topics.flatMap((topic) => [topic, slotKeys.channel(topic), cursors.get(topic)!])
    const [kind, ...next] = await script.run(context, keys, [replica, reason, number, peoplePerCall, ...args])
    if (kind === 'live') return { replica, ms: Number(next[0]) }
    if (kind === 'done') return undefined
    topics.forEach((topic, i) => {
      if (next[i] === '0') cursors.delete(topic)
      else cursors.set(topic, String(next[i]))
    })
  }
}

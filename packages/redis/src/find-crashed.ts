import { CrashDetector } from './crash-detector.js'
import { expire } from './expire.js'
import { homeSlot, replicaOf } from './keys.js'
import { log } from './log-events.js'
import { Script } from './script.js'
import type { SlotContext } from './slot-context.js'
import type { Subscriptions } from './subscriptions.js'

const script = new Script('subscribers')

/** A detector of crashed replicas that asks Redis and removes them from all slots. */
export function crashDetector(slots: readonly SlotContext[], subscriptions: Subscriptions): CrashDetector {
  const home = slots[homeSlot]!
  const { clock, random, lease, logger, slotKeys, replica } = home
  return new CrashDetector({
    clock,
    random,
    lease,
    check: async () => {
      const [own, ...rest] = await script.run(home, [slotKeys.leases], [replica, slotKeys.presence])
      const others = Array.from({ length: rest.length / 4 }, (_, i) => {
        const [other, newestCommit, subscribers, hadSubscribed] = rest.slice(4 * i)
        const status = { subscribed: Number(subscribers) > 0, hadSubscribed: Number(hadSubscribed) > 0 }
        return { replica: String(other), newestCommit: String(newestCommit), ...status }
      })
      return { own: Number(own) > 0, others }
    },
    expire: async (crashed, newestCommit) => {
      const live = await expire(home, crashed, 'crashed', newestCommit)
      if (live !== undefined) return
      log(logger, 'replica_crashed', { replica: replicaOf(crashed) })
      const others = slots.filter((slot) => slot !== home)
      await Promise.all(others.map((slot) => expire(slot, crashed, 'closed')))
    },
    misplaced: () => {
      if (subscriptions.holdsPresence) subscriptions.reconnect('subscribed at another Redis')
    },
  })
}

import type { ReplicaLease, Topic, TopicRow, TopicRows } from '@headcount/core'
import { zeroTotals } from '@headcount/protocol'
import { unreachable } from './errors.js'
import { replicaOf } from './keys.js'
import { parseNumbers, Script } from './script.js'
import type { SlotContext } from './slot-context.js'

const script = new Script('rows')

/** The replicas with a lease in the slot. @throws {RedisEngineError} `unreachable` */
export async function readLeases(context: SlotContext): Promise<ReplicaLease[]> {
  const { replicas } = await runRows(context)
  return replicas.map(({ replica, leaseAge }) => ({ replica, leaseAge }))
}

/** The rows of one of the slot's topics. @throws {RedisEngineError} `unreachable` */
export async function readRows(context: SlotContext, topic: Topic): Promise<TopicRows> {
  const { totals, replicas } = await runRows(context, topic)
  return { totals, rows: replicas.filter(({ counts, people }) => people > 0 || counts.some((count) => count > 0)) }
}

async function runRows(context: SlotContext, topic?: Topic) {
  const { slotKeys, groups, lease } = context
  const keys = topic === undefined ? [slotKeys.leases] : [slotKeys.leases, slotKeys.topic(topic)]
  const [totals, ...rest] = await script.run(context, keys, []).catch((error: unknown) => {
    throw unreachable(error)
  })
  const replicas = Array.from({ length: rest.length / 3 }, (_, i): TopicRow => {
    const [replica, leaseLeft, row] = rest.slice(3 * i)
    const counts = row === '' ? zeroTotals(groups + 1) : parseNumbers(row)
    const people = counts.pop() ?? 0
    return { replica: replicaOf(String(replica)), leaseAge: lease - Number(leaseLeft), counts, people }
  })
  return { totals: totals === '' ? zeroTotals(groups) : parseNumbers(totals), replicas }
}

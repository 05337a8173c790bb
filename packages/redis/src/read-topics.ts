import type { Topic } from '@headcount/core'
import { type Totals, zeroTotals } from '@headcount/protocol'
import { parseNumbers, Script } from './script.js'
import type { SlotContext } from './slot-context.js'
import type { ExpiringSlot } from './slot-expiry.js'

const topicsPerCall = 200

const script = new Script('read')

/**
 * @returns a replica whose lease has expired and that still counts, and the topics in the order of the request,
 * undefined if a topic's key is of another type.
 */
async function runRead(context: SlotContext, topics: readonly Topic[]) {
  const { slotKeys, replica, renewalMargin } = context
  const keys = [slotKeys.leases, ...topics.map((topic) => slotKeys.topic(topic))]
  const [expired, ...rest] = await script.run(context, keys, [replica, renewalMargin])
  const replies = topics.map((_, i) => {
    const [version, totals, row] = rest.slice(3 * i)
    if (version === 'wrong type') return undefined
    return { version: Number(version), totals: parseNumbers(totals), row: parseRow(row, context.groups) }
  })
  return { expired: expired === '' ? undefined : String(expired), topics: replies }
}

/** This replica's part of a topic's totals; undefined if it has people, who may also be on other replicas. */
function parseRow(row: unknown, groups: number): Totals | undefined {
  if (row === '') return zeroTotals(groups)
  const numbers = parseNumbers(row)
  return numbers.pop() === 0 ? numbers : undefined
}

/** The totals of one slot's topics, without expired replicas; last known totals if a topic's key is of another type. */
export async function readTopics(slot: ExpiringSlot, names: readonly Topic[]): Promise<Totals[]> {
  const totals: Totals[] = []
  for (let i = 0; i < names.length; i += topicsPerCall) {
    const part = names.slice(i, i + topicsPerCall)
    const known = part.map((name) => slot.topics.get(name)?.version ?? 0)
    let reply = await runRead(slot, part)
    while (reply.expired !== undefined && (await slot.expiry.expireNow(reply.expired)))
      reply = await runRead(slot, part)
    for (const [j, name] of part.entries()) {
      const topic = slot.topics.get(name)
      const read = reply.topics[j]
      if (read !== undefined) topic?.receive(read.version, read.totals, known[j], read.row)
      totals.push(read?.totals ?? topic?.totals ?? zeroTotals(slot.groups))
    }
  }
  return totals
}

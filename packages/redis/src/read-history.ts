import { confirm, type HistoryMinute, type HistoryState, type Topic, type TopicHistory } from '@headcount/core'
import { parseNumbers, Script } from './script.js'
import type { SlotContext } from './slot-context.js'

const script = new Script('history')

/** The recorded history of a topic, by the clock of Redis. */
export async function readHistory(context: SlotContext, topic: Topic): Promise<TopicHistory> {
  const { slotKeys, groups } = context
  const reply = await script.run(context, [slotKeys.topic(topic), slotKeys.history(topic)], [])
  const [now, totals, state, ...minutes] = reply.map(String)
  return {
    now: Number(now),
    state: parseState(parseNumbers(state), parseNumbers(totals), { now: Number(now), groups }),
    minutes: minutes
      .map((text): HistoryMinute => parseNumbers(text))
      // Other groups may have been configured before.
      .filter(({ length }) => length === 6 + 4 * groups)
      .sort((a, b) => a[0]! - b[0]!),
  }
}

function parseState(
  [since, seen, ...recorded]: number[],
  totals: number[],
  { now, groups }: { readonly now: number; readonly groups: number },
): HistoryState | undefined {
  return recorded.length === groups ? confirm({ since: since!, seen: seen!, totals: recorded }, totals, now) : undefined
}

import type { Change, Level } from '@headcount/core'
import type { Totals } from '@headcount/protocol'
import { parseNumbers, Script } from './script.js'
import type { SlotContext } from './slot-context.js'

export interface CommitRequest {
  /** Grows with each commit of this replica to this slot. */
  readonly number: number
  /** The number of the newest acknowledged commit; 0 if the slot has nothing of this replica. */
  readonly acknowledged: number
  readonly renew: boolean
  readonly topics: readonly TopicCommit[]
}

export interface TopicCommit {
  readonly change: Change
  readonly refresh: boolean
  /** How many people of this replica the topic must have before the commit; -1: any number. */
  readonly expectedPeople: number
}

export interface CommitReply {
  readonly status: 'kept' | 'lost' | 'late'
  /** The lease of another replica that expires next, if the request was to renew. */
  readonly nextEnd: LeaseEnd | undefined
  /** In the order of the request; empty unless kept. */
  readonly topics: readonly TopicReply[]
}

export interface LeaseEnd {
  readonly replica: string
  /** In how many ms; negative if it has ended. */
  readonly ms: number
}

/** The other fields are meaningful if it is kept. */
export interface TopicReply {
  readonly status: 'kept' | 'missing' | 'wrong type'
  readonly version: number
  readonly totals: Totals
  /** After how many ms this replica must publish; -1: it is published; -2: some replica is due to publish. */
  readonly publishIn: number
}

const script = new Script('commit')

export async function runCommit(context: SlotContext, request: CommitRequest): Promise<CommitReply> {
  const { replica, slotKeys, lease, levels, history } = context
  const maxHistories = Math.ceil((history?.topics ?? 0) / context.keys.slots)
  const keys = [slotKeys.leases, slotKeys.replica(replica), ...slotKeys.transitions]
  const args: (string | number)[] = [replica, lease, request.number, request.acknowledged, request.renew ? 1 : 0]
  for (const { change, refresh, expectedPeople } of request.topics) {
    const { topic, interval, counts, people } = change
    keys.push(slotKeys.topic(topic))
    args.push(topic, slotKeys.channel(topic), Math.ceil(interval), levelsText(levels(topic)))
    args.push(counts.join(' '), refresh ? 1 : 0)
    args.push(history?.records(topic) ? maxHistories : 0, expectedPeople, people.length)
    for (const { key, group } of people) args.push(key, group ?? '')
  }
  const [status, ms, other, ...rest] = await script.run(context, keys, args)
  return {
    status: status as CommitReply['status'],
    nextEnd: status === 'kept' && other !== '' ? { replica: String(other), ms: Number(ms) } : undefined,
    topics: status === 'kept' ? request.topics.map((_, i) => parseTopic(rest.slice(4 * i))) : [],
  }
}

/** As levels.lua parses them. */
function levelsText(levels: readonly Level[]): string {
  return levels.map(({ up, down, delay }) => `${up}:${down}:${delay}`).join(' ')
}

function parseTopic([status, version, totals, publishIn]: unknown[]): TopicReply {
  const [parsed, due] = [parseNumbers(totals), Number(publishIn)]
  return { status: status as TopicReply['status'], version: Number(version), totals: parsed, publishIn: due }
}

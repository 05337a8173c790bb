import type { ReplicaId, Topic } from '@headcount/core'
import type { Context } from './context.js'
import { within } from './within.js'

export interface Forgotten {
  /** The replica is not forgotten: its lease lapses in so many ms. */
  readonly live?: number
  /** Topics that the caller must publish in `due` ms. */
  readonly due: readonly { readonly topic: Topic; readonly due: number; readonly interval: number }[]
}

/** How many topics one call takes on, and at how many people of each it looks. */
const topicsAtOnce = 32
const peopleAtOnce = 500
/** The interval of a topic of which this replica knows none, in ms. */
const usualInterval = 50

/** Takes all away that a replica holds in a slot, a little at a time. Safe to run anywhere, by many, at any time. */
export async function forget(
  context: Context,
  slot: number,
  replica: ReplicaId,
  why: 'lapsed' | 'closed' | 'behind',
  intervalOf: (topic: Topic) => number | undefined,
): Promise<Forgotten> {
  const { keys, link, scripts, groups, ttl, publish, clock, patience } = context
  const of = keys.of(slot, replica)
  const due: { topic: Topic; due: number; interval: number }[] = []
  const cursors = new Map<Topic, string>()
  for (;;) {
    if (cursors.size === 0) {
      const some = await within(clock, patience, link.send(of, ['SRANDMEMBER', of, String(topicsAtOnce)]))
      for (const topic of some as unknown[]) cursors.set(String(topic), '0')
    }
    const topics = [...cursors].map(([topic, cursor]) => ({
      topic,
      cursor,
      interval: intervalOf(topic) ?? usualInterval,
    }))
    const args: (string | number)[] = [replica, why, publish, groups, ttl, peopleAtOnce]
    for (const { topic, interval, cursor } of topics) {
      args.push(topic, keys.channel(slot, topic), Math.ceil(interval), cursor)
    }
    const names = [keys.leases(slot), of, ...topics.map(({ topic }) => keys.topic(slot, topic))]
    const [kind, ...rest] = await within(clock, patience, scripts.forget.run(link, names, args))
    if (kind === 'live') return { live: Number(rest[0]), due }
    topics.forEach(({ topic, interval }, i) => {
      const cursor = String(rest[2 * i])
      if (cursor === '0') cursors.delete(topic)
      else cursors.set(topic, cursor)
      const wait = Number(rest[2 * i + 1])
      if (wait >= 0) due.push({ topic, due: wait, interval })
    })
    if (kind === 'done') return { due }
  }
}

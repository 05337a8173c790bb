import { type Counts, defaultGroups, toCounts } from '@headcount/protocol'
import type { TopicStatus } from './status.js'

/** What is known of a topic at one moment. Never changed: a change makes a new one. */
export interface TopicSnapshot {
  readonly counts: Counts
  readonly status: TopicStatus
  readonly reason?: string
}

/** The counts of one topic, shaped for `useSyncExternalStore` and everything like it. */
export interface TopicStore {
  readonly topic: string
  /** The same object until something changes. */
  get(): TopicSnapshot
  /** Calls `listener` after each change. The first subscriber joins the topic, the last to undo leaves it. */
  subscribe(listener: () => void): () => void
}

/** What every topic starts from. */
export const connecting: TopicSnapshot = { counts: toCounts(defaultGroups, []), status: 'connecting' }

/** Whether both say the same. */
export function sameSnapshot(a: TopicSnapshot, b: TopicSnapshot): boolean {
  return a.status === b.status && a.reason === b.reason && sameCounts(a.counts, b.counts)
}

function sameCounts(a: Counts, b: Counts): boolean {
  const groups = Object.keys({ ...a, ...b }) as (keyof Counts)[]
  return groups.every((group) => a[group]?.count === b[group]?.count)
}

/** Whether nobody is counted. */
export function isEmpty(counts: Counts): boolean {
  return Object.values(counts).every(({ count }) => count === 0)
}

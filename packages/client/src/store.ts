import { type Counts, type DefaultGroup, defaultGroups, type Group } from '@headcount/protocol'
import type { TopicStatus } from './status.js'

/** The counts of a topic at one moment. Immutable: a change creates a new snapshot. */
export interface TopicSnapshot<G extends Group = DefaultGroup> {
  readonly counts: Counts<G>
  readonly status: TopicStatus
  /** Why the topic was refused: `unmatched topic`, `unauthorized`, … */
  readonly reason?: string
}

/** The counts of one topic. Its methods fit React's `useSyncExternalStore` and the stores of other libraries. */
export interface TopicStore<G extends Group = DefaultGroup> {
  readonly topic: string
  /** Returns the same object until something changes. */
  get(): TopicSnapshot<G>
  /**
   * Calls `listener` after each change. Returns a function that unsubscribes. The first subscriber joins the topic;
   * the client leaves it a moment after the last one has unsubscribed.
   */
  subscribe(listener: () => void): () => void
}

/** The snapshot of a topic before any counts have arrived. */
export function connectingSnapshot<G extends Group>(groups: readonly G[]): TopicSnapshot<G> {
  const counts = Object.fromEntries(groups.map((group) => [group, { count: 0 }]))
  return { counts: counts as Counts<G>, status: 'connecting' }
}

/** The same for the default groups, `users` and `viewers`. */
export const connecting: TopicSnapshot = connectingSnapshot(defaultGroups)

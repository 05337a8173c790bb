import type { Totals } from '@headcount/protocol'
import type { Level } from './levels.js'
import type { Topic } from './topic.js'

/** A topic passed a level. Its totals are those at that moment. */
export interface Transition {
  readonly topic: Topic
  readonly level: Level
  readonly direction: 'up' | 'down'
  readonly totals: Totals
  /** Grows with each transition of the topic, also after the cluster lost its data: a time in µs. */
  readonly version: number
}

/**
 * The next delivery to a receiver. The same until it is acknowledged, also on another replica.
 * - `transitions`: oldest first.
 * - `sync`: some may have been lost, or the receiver is new: it needs the current state of all topics.
 */
export type Delivery =
  | { readonly kind: 'transitions'; readonly id: string; readonly transitions: readonly Transition[] }
  | { readonly kind: 'sync'; readonly id: string }

export interface TopicAbove {
  readonly topic: Topic
  readonly totals: Totals
  /** No older than the totals: a transition with a higher version is newer. */
  readonly version: number
}

/**
 * The transitions of all topics, detected once for the whole cluster. Each receiver gets all of them, in order. Every
 * method rejects before `open`, and if the cluster is unreachable.
 */
export interface Transitions {
  /** Whether this replica delivers: one replica of the cluster at a time. Asked several times per lease. */
  lead(): Promise<boolean>
  /** @returns undefined if there is nothing. */
  next(receiver: string): Promise<Delivery | undefined>
  acknowledge(receiver: string, id: string): Promise<void>
  /** Drops all undelivered transitions of a receiver. It gets a `sync` instead. */
  skip(receiver: string): Promise<void>
  /** The largest number of unacknowledged transitions of any receiver. */
  waiting(): Promise<number>
  /** Every topic that is above a level, in parts. */
  topicsAbove(): AsyncIterable<readonly TopicAbove[]>
}

/** A receiver of transitions, such as webhooks. */
export interface TransitionReceiver {
  /** The levels of a topic; empty for none. The same on every replica. */
  levels(topic: Topic): readonly Level[]
  /** Starts receiving. Returns the undo. */
  start(transitions: Transitions): () => Promise<void>
}

/** Maximum number of transitions in one delivery. */
export const maxDelivery = 100

/** Maximum pending transitions of a receiver; over Redis, per hash tag. Beyond it the oldest are dropped. */
export const maxWaiting = 10_000

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
 * What a receiver gets next. The same until it is acknowledged, also where another replica asks.
 * - `transitions`: oldest first.
 * - `sync`: some may have been lost, or the receiver is new: it needs the present state of all topics.
 */
export type Delivery =
  | { readonly kind: 'transitions'; readonly id: string; readonly transitions: readonly Transition[] }
  | { readonly kind: 'sync'; readonly id: string }

/** A topic that is above a level. */
export interface TopicAbove {
  readonly topic: Topic
  readonly totals: Totals
  /** No older than the totals: a transition with a higher version is newer. */
  readonly version: number
}

/**
 * The transitions of all topics, found once for the whole cluster. Each receiver gets every one of them, in order.
 * Every method rejects before `open`, and where the cluster cannot be reached.
 */
export interface Transitions {
  /** Whether this replica delivers: one replica of the cluster at a time. Asked several times per lease. */
  lead(): Promise<boolean>
  /** @returns undefined where there is nothing. */
  next(receiver: string): Promise<Delivery | undefined>
  acknowledge(receiver: string, id: string): Promise<void>
  /** Drops what a receiver has not got. It gets a `sync` instead. */
  skip(receiver: string): Promise<void>
  /** How many transitions a receiver has not acknowledged: the one that has most of them. */
  waiting(): Promise<number>
  /** Every topic that is above a level, in parts. */
  topicsAbove(): AsyncIterable<readonly TopicAbove[]>
}

/** What receives transitions, such as webhooks. */
export interface TransitionReceiver {
  /** The levels of a topic; empty for none. The same on every replica. */
  levels(topic: Topic): readonly Level[]
  /** Begins to receive. Returns the undo. */
  start(transitions: Transitions): () => Promise<void>
}

/** Most transitions of one delivery. */
export const maxDelivery = 100

/** Most transitions that wait for a receiver: per hash tag over Redis. Beyond it the oldest are dropped. */
export const maxWaiting = 10_000

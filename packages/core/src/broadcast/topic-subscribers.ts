import type { Topic } from '../engine/engine.js'
import type { Update } from './update.js'

/** Receives the counts of a topic: a channel, or an HTTP stream. */
export interface Subscriber {
  /** The whole counts: at the start, and again after diffs were skipped. */
  state(update: Update): void
  /** A change. Returns false if the subscriber is too slow for it: it then skips diffs until `resume`. */
  diff(update: Update): boolean
  /** True for a subscriber that is not a channel and is not counted, such as an HTTP stream. */
  readonly onlyReads?: boolean
  /** Bookkeeping of the broadcaster: its index among the topic's subscribers, and the last flush it was sent. */
  index: number
  lastFlush: number
}

/** `lastFlush` of a subscriber that skips diffs. */
export const skipping = -1

/** The subscribers of one topic, and the progress of its broadcast. */
export class TopicSubscribers {
  readonly list: Subscriber[] = []
  /** What every subscriber has been sent, or is being sent in the current flush. Undefined until totals are known. */
  update: Update | undefined
  flushNumber = 0
  /** Index of the next subscriber to be sent this flush. Counts down; below 0 once the broadcast is complete. */
  cursor = -1

  constructor(
    readonly topic: Topic,
    /** The smallest count that the topic shows as a number; 0 if it shows all. */
    readonly below = 0,
  ) {}

  get isBroadcasting(): boolean {
    return this.cursor >= 0
  }
}

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

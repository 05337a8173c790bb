/** Upper bound of the first delay, and of every delay, in ms. */
const first = 1_000
const longest = 30_000

/** A connection that lasted so long, in ms, was a good one. */
const lasting = 10_000

/**
 * Full jitter: a random delay in ms below a bound that doubles with each attempt, so that clients of a restarted server
 * do not all reconnect at once.
 */
export function backoff(random: () => number): (tries: number) => number {
  return (tries) => random() * Math.min(longest, first * 2 ** (tries - 1))
}

/**
 * Delays of reconnects, which grow until a connection has lasted: some networks cut each one soon after it opened.
 * @param delay in ms, of so many failures in a row.
 */
export function createReconnects(delay: (tries: number) => number) {
  let failures = 0
  let openedAt = Number.POSITIVE_INFINITY
  return {
    opened(): void {
      openedAt = Date.now()
    },
    /** The delay, in ms, before the next attempt. */
    next(): number {
      if (Date.now() - openedAt >= lasting) failures = 0
      openedAt = Number.POSITIVE_INFINITY
      return delay(++failures)
    },
  }
}

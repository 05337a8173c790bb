/** Upper bound of the first delay, and of every delay, in ms. */
const firstDelay = 1_000
const maxDelay = 30_000

/** The duration, in ms, after which a success counts as lasting. */
const lasting = 10_000

/** Delays between attempts, which grow until a success lasts. */
export interface Retries {
  /** The attempt has succeeded: if the success lasts, the next delay is short. */
  succeeded(): void
  /** The delay, in ms, before the next attempt. */
  next(): number
}

/**
 * Full jitter: a random delay below a bound that doubles with each attempt, so that clients of a restarted server do
 * not all reconnect at once.
 */
export function createRetries(random: () => number = Math.random): Retries {
  let failures = 0
  let since = Number.POSITIVE_INFINITY
  return {
    succeeded() {
      since = Date.now()
    },
    next() {
      if (Date.now() - since >= lasting) failures = 0
      since = Number.POSITIVE_INFINITY
      return random() * Math.min(maxDelay, firstDelay * 2 ** failures++)
    },
  }
}

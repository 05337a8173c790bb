/** The first and the longest delay, in ms. */
const [firstDelay, maxDelay] = [500, 10_000]

/** The duration, in ms, after which a stream of counts counts as lasting. */
const lasting = 10_000

/** Delays between attempts, which double until a stream of counts lasts. */
export function createRetryDelay() {
  let delay = firstDelay
  let since = Number.POSITIVE_INFINITY
  return {
    /** The first counts have arrived. */
    succeeded(): void {
      since = Date.now()
    },
    /** The delay before the next attempt, in ms. */
    next(): number {
      if (Date.now() - since >= lasting) delay = firstDelay
      since = Number.POSITIVE_INFINITY
      const current = delay
      delay = Math.min(maxDelay, 2 * delay)
      return current
    },
  }
}

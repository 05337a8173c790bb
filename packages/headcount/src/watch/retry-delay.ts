/** The first and the longest delay, in ms. */
const [firstDelay, maxDelay] = [500, 10_000]

/** A stream of counts that lasted for so many ms has worked. */
const lasting = 10_000

/** Delays before a server is tried again, which double until a stream of counts has lasted. */
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

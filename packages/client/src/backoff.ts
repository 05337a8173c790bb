/** Upper bound of the first delay, and of every delay, in ms. */
const first = 1_000
const longest = 30_000

/**
 * Full jitter: a random delay in ms below a bound that doubles with each attempt, so that clients of a restarted server
 * do not all reconnect at once.
 */
export function backoff(random: () => number): (tries: number) => number {
  return (tries) => random() * Math.min(longest, first * 2 ** (tries - 1))
}

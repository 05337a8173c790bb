/** Ceiling of the first wait, and of every wait, in ms. */
const first = 1_000
const longest = 30_000

/**
 * Full jitter: a wait in ms anywhere between nothing and a ceiling that doubles with each try, so that the clients of a
 * server that restarts come back spread out.
 */
export function backoff(random: () => number): (tries: number) => number {
  return (tries) => random() * Math.min(longest, first * 2 ** (tries - 1))
}

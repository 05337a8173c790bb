/** How far spending may run ahead of its share, in ms: what is small goes out at once. */
const ahead = 50

/** The most, in ms, that one turn can have spent: a thread for which more has passed stood still meanwhile. */
const mostAtOnce = 250

/**
 * A share of the time of one thread. What is spent is paid off at that share: who has spent 10 ms at a share of a half
 * is even again 20 ms later. Pure; times are in ms.
 */
export class Budget {
  readonly #share: number
  #evenAt = Number.NEGATIVE_INFINITY

  /** @param share above 0, up to 1. */
  constructor(share: number) {
    this.#share = share
  }

  /** Time was spent from `from` to `to`. */
  spend(from: number, to: number): void {
    this.#evenAt = Math.max(this.#evenAt, to - mostAtOnce, from) + Math.min(to - from, mostAtOnce) / this.#share
  }

  /** How long it takes until more may be spent; 0 where it may at once. */
  wait(now: number): number {
    return Math.max(0, this.#evenAt - ahead - now)
  }
}

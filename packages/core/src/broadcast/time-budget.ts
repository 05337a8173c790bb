/** How far, in ms, spending may run ahead of the share, so that small broadcasts go out at once. */
const allowance = 50

/** The most, in ms, that one turn can have spent. If more has passed, the process itself was paused. */
const maxPerTurn = 250

/**
 * Limits an activity to a share of the event loop's time: after 10 ms of work at a share of a half, the budget is even
 * again 20 ms later. Pure; all times are in ms.
 */
export class TimeBudget {
  #evenAt = Number.NEGATIVE_INFINITY

  /** @param share above 0, up to 1. */
  constructor(private readonly share: number) {}

  /** Records work that lasted from `from` to `to`. */
  spend(from: number, to: number): void {
    const spent = Math.min(to - from, maxPerTurn)
    this.#evenAt = Math.max(this.#evenAt, to - maxPerTurn, from) + spent / this.share
  }

  /** How long to wait before the next piece of work; 0 for no wait. */
  wait(now: number): number {
    return Math.max(0, this.#evenAt - allowance - now)
  }
}

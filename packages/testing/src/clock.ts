import type { Clock } from '@headcount/core'

interface Timer {
  readonly at: number
  readonly act: () => void
}

/** The real end of a turn: by then every promise that could settle has. Taken early, so that no fake replaces it. */
const realTurn = setImmediate

/**
 * Time that moves when told. Timers run in the order of their times (and of their making, where these are equal),
 * each with `now` at its own time; `soon` runs before any timer.
 */
export class FakeClock implements Clock {
  #now: number
  #soon: (() => void)[] = []
  readonly #timers = new Set<Timer>()

  constructor(start = 0) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), act }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  soon(act: () => void): void {
    this.#soon.push(act)
  }

  /** How many timers are set: 0 once everything that took this clock has closed. */
  get timers(): number {
    return this.#timers.size
  }

  /**
   * Moves time by `ms` and runs what falls due, one at a time, letting promises settle after each. With 0: runs what
   * is due now. A callback's error is thrown here.
   */
  async advance(ms = 0): Promise<void> {
    const end = this.#now + ms
    await this.#turn()
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer)
      this.#now = timer.at
      timer.act()
      await this.#turn()
    }
    this.#now = end
  }

  /** Lets promises settle and runs what was to be run soon, until neither is left. */
  async #turn(): Promise<void> {
    await settled()
    while (this.#soon.length > 0) {
      const due = this.#soon
      this.#soon = []
      for (const act of due) act()
      await settled()
    }
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer
    }
    return next
  }
}

const settled = () => new Promise<void>((resolve) => realTurn(resolve))

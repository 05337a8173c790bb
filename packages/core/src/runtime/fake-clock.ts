import type { Clock } from './clock.js'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** Ends a real turn, after which pending promises have settled. Captured at load, before a test can replace it. */
const realTurn = setImmediate

/**
 * A clock for tests: time moves only by `advance`. Timers run in the order of their times, then of their creation, each
 * with `now` at its own time. Callbacks of `soon` run before any timer.
 */
export class FakeClock implements Clock {
  readonly origin = 0
  #now: number
  #soon: (() => void)[] = []
  readonly #timers = new Set<Timer>()

  constructor(start = 0) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), callback }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  soon(callback: () => void): void {
    this.#soon.push(callback)
  }

  /** How many timers are set. 0 once everything that uses this clock has closed. */
  get timers(): number {
    return this.#timers.size
  }

  /**
   * Moves time by `ms` and runs the timers that fall due, one at a time, letting promises settle after each. With 0,
   * runs what is due now.
   * @throws errors of callbacks.
   */
  async advance(ms = 0): Promise<void> {
    const end = this.#now + ms
    await this.#turn()
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer)
      this.#now = Math.max(this.#now, timer.at)
      timer.callback()
      await this.#turn()
    }
    this.#now = end
  }

  /** Moves time by `ms` without running a timer, as when a process is suspended. */
  jump(ms: number): void {
    this.#now += ms
  }

  /** Lets promises settle and runs the callbacks of `soon`, until none is left. */
  async #turn(): Promise<void> {
    await settled()
    while (this.#soon.length > 0) {
      const due = this.#soon
      this.#soon = []
      for (const callback of due) callback()
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

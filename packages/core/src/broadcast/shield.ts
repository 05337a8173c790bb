import type { Totals } from '@headcount/protocol'

/** When topics with a shield may change their shown counts. All times are in ms. */
export interface ShieldTicks {
  /** Time between two ticks. The shown counts change only at ticks. */
  readonly tick: number
  /** The clock's `origin`: ticks are multiples of `tick` since 1970, so that all replicas have the same ones. */
  readonly origin: number
}

export const defaultShieldTick = 10_000

/**
 * The shield rule: a topic shows the count of each group rounded down to a multiple of `step`, and changes the shown
 * counts only at ticks. A shown 0 stands for any count from 0 to `step - 1`.
 *
 * At a tick an increase shows at once. A decrease shows only down to the highest count since the previous tick. After
 * two ticks without a change the shown count is the rounded current one. The first totals show immediately, between
 * ticks too.
 *
 * Pure: the time is passed in, in ms, and must not go backwards.
 */
export class Shield {
  #current: Totals = []
  /** The highest count of each group since the last tick. */
  #highest: Totals = []
  #shown: Totals | undefined
  /** When the next tick is. */
  #next = Number.NEGATIVE_INFINITY

  /** @param step at least 1: the smallest count that is shown as a number, and the difference between shown counts. */
  constructor(
    private readonly step: number,
    private readonly ticks: ShieldTicks,
  ) {}

  /** Records the current totals. */
  push(totals: Totals, now: number): void {
    if (this.#shown === undefined) {
      this.#shown = totals.map((count) => this.#round(count))
      this.#highest = totals
      this.#next = this.#tickAfter(now)
    }
    this.#advance(now)
    this.#current = totals
    this.#highest = totals.map((count, g) => Math.max(count, this.#highest[g]!))
  }

  /** The totals to show; undefined before the first `push`. */
  shown(now: number): Totals | undefined {
    this.#advance(now)
    return this.#shown
  }

  /** When `shown` changes next if `push` is not called before; infinity if it does not change. */
  get nextChange(): number {
    if (!this.#shows(this.#highest)) return this.#next
    return this.#shows(this.#current) ? Number.POSITIVE_INFINITY : this.#next + this.ticks.tick
  }

  /** Applies the ticks up to `now`: at most two, because after the second the current totals are shown. */
  #advance(now: number): void {
    if (this.#shown === undefined) return
    for (let ticks = 0; ticks < 2 && this.#next <= now; ticks++) {
      this.#shown = this.#shown.map((_, g) => this.#after(g, this.#highest))
      this.#highest = this.#current
      this.#next += this.ticks.tick
    }
    if (this.#next <= now) this.#next = this.#tickAfter(now)
  }

  /** Whether the next tick changes nothing, if the highest counts before it are `highest`. */
  #shows(highest: Totals): boolean {
    return this.#shown?.every((count, g) => count === this.#after(g, highest)) ?? true
  }

  /** The shown count of a group after the next tick, if its highest count before it is the one in `highest`. */
  #after(g: number, highest: Totals): number {
    const [rounded, shown] = [this.#round(this.#current[g]!), this.#shown![g]!]
    return rounded >= shown ? rounded : Math.min(shown, this.#round(highest[g]!))
  }

  #round(count: number): number {
    return count - (count % this.step)
  }

  #tickAfter(now: number): number {
    const { tick, origin } = this.ticks
    return now + tick - ((now + origin) % tick)
  }
}

import type { Totals } from '@headcount/protocol'

/** How the topics of a server are shielded. All in ms. */
export interface ShieldTicks {
  /** Time between two ticks: the moments at which what is shown may change. */
  readonly tick: number
  /** The clock's `origin`: ticks are multiples of `tick` since 1970, so that all replicas have the same ones. */
  readonly origin: number
}

/** Default of `tick`. */
export const defaultShieldTick = 10_000

/**
 * The shield rule: a topic shows multiples of `step`, each group by itself, and changes what it shows at ticks alone.
 *
 * At a tick a group shows its count rounded down to a multiple of `step`, so 0 stands for all from 0 to `step - 1`. But
 * it goes down no further than the highest count since the tick before allows: a decrease shows once it has stood for a
 * whole tick. After two ticks without a change the rounded count is shown. The first totals are shown at once.
 *
 * Pure: the time is passed in, in ms, and must not go backwards.
 */
export class Shield {
  readonly #step: number
  readonly #ticks: ShieldTicks
  #current: Totals = []
  /** The highest count of each group since the last tick. */
  #highest: Totals = []
  #shown: Totals | undefined
  /** When the next tick is. */
  #next = Number.NEGATIVE_INFINITY

  /** @param step the smallest count that is shown as a number, at least 1. */
  constructor(step: number, ticks: ShieldTicks) {
    this.#step = step
    this.#ticks = ticks
  }

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

  /** When `shown` changes unless `push` is called before; infinity where it does not. */
  get nextChange(): number {
    if (!this.#shows(this.#highest)) return this.#next
    return this.#shows(this.#current) ? Number.POSITIVE_INFINITY : this.#next + this.#ticks.tick
  }

  /** Carries out the ticks up to `now`. The second one shows the current totals, so further ones change nothing. */
  #advance(now: number): void {
    if (this.#shown === undefined) return
    for (let ticks = 0; ticks < 2 && this.#next <= now; ticks++) {
      this.#shown = this.#shown.map((_, g) => this.#after(g, this.#highest))
      this.#highest = this.#current
      this.#next += this.#ticks.tick
    }
    if (this.#next <= now) this.#next = this.#tickAfter(now)
  }

  /** Whether a tick before which the counts were `highest` changes nothing. */
  #shows(highest: Totals): boolean {
    return this.#shown?.every((count, g) => count === this.#after(g, highest)) ?? true
  }

  /** What a group shows after a tick before which its highest count was that of `highest`. */
  #after(g: number, highest: Totals): number {
    const [rounded, shown] = [this.#round(this.#current[g]!), this.#shown![g]!]
    return rounded >= shown ? rounded : Math.min(shown, this.#round(highest[g]!))
  }

  #round(count: number): number {
    return count - (count % this.#step)
  }

  #tickAfter(now: number): number {
    const { tick, origin } = this.#ticks
    return now + tick - ((now + origin) % tick)
  }
}

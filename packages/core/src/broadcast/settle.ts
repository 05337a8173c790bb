import { sumOf, type Totals } from '@headcount/protocol'

/** Totals that were current until `until`, in ms; the current ones have no end. */
interface Entry {
  readonly totals: Totals
  readonly sum: number
  until: number
}

/**
 * The settle rule: a topic shows the newest totals with the largest sum among those of the last `settle` ms.
 *
 * So an increase shows at once, a decrease shows after it has lasted for `settle` ms, and a viewer who comes back as a
 * user moves in one step, because the sums tie and the newest totals win. After `settle` ms without a change the
 * current totals are shown. Everything shown was current at some moment of the window.
 *
 * A sliding-window maximum. Pure: the time is passed in, in ms, and must not go backwards.
 */
export class SettleWindow {
  /** By decreasing sum, oldest first: an entry that a newer one equals or exceeds can never be shown again. */
  readonly #entries: Entry[] = []

  /** @param settle how long, in ms, a decrease waits. With 0 the current totals are shown. */
  constructor(private readonly settle: number) {}

  /** Records the current totals. */
  push(totals: Totals, now: number): void {
    const sum = sumOf(totals)
    const current = this.#entries.at(-1)
    if (current !== undefined) current.until = now
    while (this.#entries.length > 0 && this.#entries.at(-1)!.sum <= sum) this.#entries.pop()
    this.#entries.push({ totals, sum, until: Number.POSITIVE_INFINITY })
  }

  /** The totals to show; undefined before the first `push`. */
  shown(now: number): Totals | undefined {
    while (this.#entries.length > 0 && this.#entries[0]!.until + this.settle <= now) this.#entries.shift()
    return this.#entries[0]?.totals
  }

  /** The totals that were pushed last; undefined before the first. */
  get current(): Totals | undefined {
    return this.#entries.at(-1)?.totals
  }

  /** When `shown` changes unless `push` is called before; infinity if the current totals are shown. */
  get nextChange(): number {
    return (this.#entries[0]?.until ?? Number.POSITIVE_INFINITY) + this.settle
  }
}

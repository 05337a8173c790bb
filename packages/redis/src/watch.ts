import { sameTotals, type Totals } from '@headcount/protocol'

/** The caller's watch of one topic. */
export class Watch {
  /** The totals that the caller received last; undefined until the first. */
  #reported: Totals | undefined
  readonly #waiting: (() => void)[] = []

  constructor(private readonly changed: (totals: Totals) => void) {}

  /** Resolves once the topic was read after it was subscribed, or is unwatched. */
  settled(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve))
  }

  settle(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Reports changes from now on; `totals` is what `watch` returned. */
  start(totals: Totals): void {
    this.#reported ??= totals
  }

  /** Calls the callback if the totals differ from the last ones. */
  report(totals: Totals): void {
    if (this.#reported === undefined || sameTotals(totals, this.#reported)) return
    this.#reported = totals
    this.changed(totals)
  }
}

/** How many samples are kept. */
const size = 300

/** Samples over time; null where there was none: a gap, which is drawn as a gap. */
export class Series {
  readonly times: number[] = []
  readonly values: (number | null)[] = []

  /** @param at in ms. */
  add(at: number, value: number | null): void {
    this.times.push(at / 1000)
    this.values.push(value)
    if (this.times.length > size) {
      this.times.shift()
      this.values.shift()
    }
  }
}

/** From when to when, in s, a chart of these times is: at least a minute, however new the page is. */
export function spanOf(times: ArrayLike<number>): [number, number] {
  const newest = times[times.length - 1] ?? 0
  return [Math.min(times[0] ?? newest, newest - 60), newest]
}

/** Turns a counter that grows into its increase per second. */
export class Rate {
  #before: { readonly at: number; readonly value: number } | undefined

  /** @returns null for the first value, and where the counter began again. */
  next(at: number, value: number): number | null {
    const { at: then, value: old } = this.#before ?? { at, value }
    this.#before = { at, value }
    return at > then && value >= old ? ((value - old) / (at - then)) * 1000 : null
  }

  /** The next value is a first one: there was a gap. */
  reset(): void {
    this.#before = undefined
  }
}

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

/** Turns a counter of each replica, all of which grow, into their increase per second in all. */
export class Rates {
  #at = 0
  #before = new Map<string, number>()

  /** @returns null where no replica was there before: at first, and after a gap. A new one has no increase yet. */
  next(at: number, values: Iterable<readonly [replica: string, value: number]>): number | null {
    const [then, before] = [this.#at, this.#before]
    this.#at = at
    this.#before = new Map(values)
    const known = [...this.#before].filter(([replica]) => before.has(replica))
    if (known.length === 0 || at <= then) return null
    const increase = known.reduce((sum, [replica, value]) => sum + value - before.get(replica)!, 0)
    return (increase / (at - then)) * 1000
  }

  /** The next values are the first: there was a gap. */
  reset(): void {
    this.#before = new Map()
  }
}

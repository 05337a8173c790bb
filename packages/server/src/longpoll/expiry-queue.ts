/** Items that expire after the same time, in ms. */
export class ExpiryQueue<T> {
  /** In the order in which they expire. */
  readonly #expiries = new Map<T, number>()

  constructor(readonly duration: number) {}

  get size(): number {
    return this.#expiries.size
  }

  /** Adds an item, or restarts its time. */
  add(item: T, now: number): void {
    this.#expiries.delete(item)
    this.#expiries.set(item, now + this.duration)
  }

  /** Extends the time of all items. */
  delay(ms: number): void {
    for (const [item, expiry] of this.#expiries) this.#expiries.set(item, expiry + ms)
  }

  delete(item: T): void {
    this.#expiries.delete(item)
  }

  /** The oldest item, if its age is at least `ms`. */
  oldest(age: number, now: number): T | undefined {
    for (const [item, expiry] of this.#expiries) return now - (expiry - this.duration) >= age ? item : undefined
    return undefined
  }

  expired(now: number): T[] {
    const expired: T[] = []
    for (const [item, expiry] of this.#expiries) {
      if (expiry > now) break
      expired.push(item)
    }
    return expired
  }
}

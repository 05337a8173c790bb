/**
 * Items by the second in which something of them is due, so that nothing else is visited in it. An item is in one set at
 * a time, which the caller keeps: without it, the item would have to be searched for.
 */
export class Schedule<T> {
  /** How many seconds have ended. */
  second = 0
  size = 0
  readonly #due = new Map<number, Set<T>>()
  #active: T[] = []

  /** Adds an item that is due when `second` ends. Returns its set. */
  add(item: T, second: number): Set<T> {
    this.size += 1
    return this.#setOf(second).add(item)
  }

  /** Moves an item out of its set to that of another second, which is returned. */
  move(item: T, set: Set<T>, second: number): Set<T> {
    set.delete(item)
    return this.#setOf(second).add(item)
  }

  remove(item: T, set: Set<T>): void {
    if (set.delete(item)) this.size -= 1
  }

  /** Has an item visited when the present second ends, once for each call, whatever else is due. */
  activate(item: T): void {
    this.#active.push(item)
  }

  /** Ends a second. `active` may contain items that have been removed. Each in `due` must be moved or removed. */
  endSecond(): { readonly active: readonly T[]; readonly due: Iterable<T> } {
    this.second += 1
    const active = this.#active
    const due = this.#due.get(this.second) ?? []
    this.#active = []
    this.#due.delete(this.second)
    return { active, due }
  }

  *[Symbol.iterator](): Generator<T> {
    for (const set of this.#due.values()) yield* set
  }

  #setOf(second: number): Set<T> {
    const set = this.#due.get(second) ?? new Set()
    this.#due.set(second, set)
    return set
  }
}

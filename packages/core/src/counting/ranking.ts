/** The fields that a ranking uses in each of its items. */
export interface Ranked<T> {
  /** Undefined while its size is 0: it is not in the ranking. */
  level: Level<T> | undefined
}

/** The items of one size. */
export interface Level<T> {
  size: number
  readonly items: Set<T>
  smaller: Level<T> | undefined
  larger: Level<T> | undefined
}

/**
 * Items in the order of their sizes, which change by one at a time: each change costs O(1), however many items there
 * are. The levels are a linked list, and an item moves to the next one.
 */
export class Ranking<T extends Ranked<T>> {
  #smallest: Level<T> | undefined
  #largest: Level<T> | undefined

  grow(item: T): void {
    const { level } = item
    const size = (level?.size ?? 0) + 1
    const larger = level === undefined ? this.#smallest : level.larger
    if (larger?.size === size) this.#move(item, larger)
    else if (level?.items.size === 1) level.size = size
    else this.#move(item, this.#insert(size, level, larger))
  }

  /** A no-op for an item of size 0. */
  shrink(item: T): void {
    const { level } = item
    if (level === undefined) return
    const size = level.size - 1
    const { smaller } = level
    if (size === 0 || smaller?.size === size) this.#move(item, size === 0 ? undefined : smaller)
    else if (level.items.size === 1) level.size = size
    else this.#move(item, this.#insert(size, smaller, level))
  }

  /** The items with their sizes, the largest first. Those of the same size are in no particular order. */
  *[Symbol.iterator](): Generator<[item: T, size: number]> {
    for (let level = this.#largest; level !== undefined; level = level.smaller) {
      for (const item of level.items) yield [item, level.size]
    }
  }

  #move(item: T, to: Level<T> | undefined): void {
    const from = item.level
    from?.items.delete(item)
    to?.items.add(item)
    item.level = to
    if (from?.items.size === 0) this.#link(from.smaller, from.larger)
  }

  #insert(size: number, smaller: Level<T> | undefined, larger: Level<T> | undefined): Level<T> {
    const level: Level<T> = { size, items: new Set(), smaller, larger }
    this.#link(smaller, level)
    this.#link(level, larger)
    return level
  }

  #link(smaller: Level<T> | undefined, larger: Level<T> | undefined): void {
    if (smaller === undefined) this.#smallest = larger
    else smaller.larger = larger
    if (larger === undefined) this.#largest = smaller
    else larger.smaller = smaller
  }
}

import { Activity } from './activity.js'
import type { Limits } from './limits.js'

/**
 * Items by the second in which they are due, so that only due items are visited. An item is in one set at a time, which
 * the caller stores to avoid a search. Also the activities of items in the current second; idle items have none.
 */
export class Schedule<T> {
  /** The number of seconds that have ended. */
  second = 0
  size = 0
  readonly #due = new Map<number, Set<T>>()
  #activities = new Map<T, Activity>()

  constructor(readonly limits: Limits) {}

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
    // Until the second ends it would keep alive what a closed connection has read.
    this.#activities.delete(item)
  }

  /** The activity of an item in the current second. */
  activityOf(item: T): Activity {
    let activity = this.#activities.get(item)
    if (activity === undefined) {
      activity = new Activity(this.limits)
      this.#activities.set(item, activity)
    }
    return activity
  }

  /** Carries an activity of the previous second over into the current one. */
  keep(item: T, activity: Activity): void {
    this.#activities.set(item, activity)
  }

  /** Ends a second. `activities` may be of items that were removed. Each item in `due` must be moved or removed. */
  endSecond(): { readonly activities: Iterable<readonly [T, Activity]>; readonly due: Iterable<T> } {
    this.second += 1
    const activities = this.#activities
    const due = this.#due.get(this.second) ?? []
    this.#activities = new Map()
    this.#due.delete(this.second)
    return { activities, due }
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

import type { Clock } from '@headcount/core'

/** How long, in ms, queued work may take of one turn of the event loop, and the whole turn before less is done. */
const [slice, longTurn] = [4, 10]

/** Fewest and most tasks of a turn. What a task causes, such as reads and promises, takes its time after it. */
const [fewest, most] = [4, 256]

/**
 * Work that can wait for its turn: some is done in each turn of the event loop, so that all else goes on. The keys of
 * the tasks take turns, so that one with few tasks does not wait for one with many.
 */
export class WorkQueue {
  readonly #clock: Clock
  readonly #waiting = new Map<unknown, (() => void)[]>()
  #tasksPerTurn = most
  #isScheduled = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs a task in a later turn, after those with the same key that were added before. */
  add(task: () => void, key: unknown = task): void {
    const tasks = this.#waiting.get(key)
    if (tasks === undefined) this.#waiting.set(key, [task])
    else tasks.push(task)
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#clock.soon(() => this.#run())
  }

  #run(): void {
    const start = this.#clock.now()
    let left = Math.min(this.#tasksPerTurn, this.#waiting.size)
    // A key that is set again, while the map is walked, comes last.
    for (const [key, tasks] of this.#waiting) {
      this.#waiting.delete(key)
      const task = tasks.shift()
      if (tasks.length > 0) this.#waiting.set(key, tasks)
      task?.()
      if (--left === 0 || this.#clock.now() - start >= slice) break
    }
    this.#clock.soon(() => this.#endTurn(start))
  }

  #endTurn(start: number): void {
    const isLong = this.#clock.now() - start > longTurn
    this.#tasksPerTurn = isLong ? Math.max(fewest, this.#tasksPerTurn >> 1) : Math.min(most, this.#tasksPerTurn * 2)
    this.#isScheduled = this.#waiting.size > 0
    if (this.#isScheduled) this.#run()
  }
}

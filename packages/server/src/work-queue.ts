import { AsyncResource } from 'node:async_hooks'
import type { Clock } from '@headcount/core'

/** How long, in ms, queued work may take in one turn of the event loop, and a whole turn before less is done. */
const [slice, longTurn] = [1, 3]

/** Maximum tasks of a turn. */
const maxTasks = 64

/** While connections arrive, tasks wait for this many times the duration of the turn in which the last ones ran. */
const restFactor = 4

/**
 * Deferred work: some is done in each turn of the event loop, between other work. While turns are long, because tasks
 * have delayed effects, fewer tasks are done in each. Turns must be short, above all while connections arrive: Node
 * accepts one in each.
 */
export class WorkQueue {
  #tasks: (() => void)[] = []
  #tasksPerTurn = maxTasks
  #isScheduled = false
  #hasAccepted = false
  /** Until when tasks wait while connections arrive. */
  #restsUntil = 0

  constructor(private readonly clock: Clock) {}

  /**
   * Runs a task in a later turn, after those that were added before, and in the asynchronous context of this call: in
   * that of another request, an `AsyncLocalStorage` of the application would have the data of another user. What it
   * throws is thrown to the process.
   */
  add(task: () => void): void {
    // Not `AsyncResource.bind`, which takes 13 µs.
    const context = new AsyncResource('HeadcountTask')
    this.#tasks.push(() => context.runInAsyncScope(task))
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.clock.soon(() => this.#run())
  }

  /** A connection was accepted: others may wait for the next turn. */
  accepted(): void {
    this.#hasAccepted = true
  }

  #run(): void {
    const start = this.clock.now()
    const waits = this.#hasAccepted && start < this.#restsUntil
    this.#hasAccepted = false
    if (waits) {
      this.clock.soon(() => this.#run())
      return
    }
    const tasks = this.#tasks
    this.#tasks = []
    let done = 0
    try {
      do tasks[done++]?.()
      while (done < Math.min(tasks.length, this.#tasksPerTurn) && this.clock.now() - start < slice)
    } finally {
      if (done < tasks.length) this.#tasks = tasks.slice(done).concat(this.#tasks)
      this.clock.soon(() => this.#endTurn(start))
    }
  }

  #endTurn(start: number): void {
    const now = this.clock.now()
    const isLong = now - start > longTurn
    this.#restsUntil = now + restFactor * (now - start)
    this.#tasksPerTurn = isLong ? Math.ceil(this.#tasksPerTurn / 2) : Math.min(maxTasks, this.#tasksPerTurn * 2)
    this.#isScheduled = this.#tasks.length > 0
    if (this.#isScheduled) this.#run()
  }
}

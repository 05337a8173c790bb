import type { Clock } from '@headcount/core'

/** How long, in ms, queued work may take of one turn of the event loop. */
const slice = 4

/** Work that can wait for its turn. A few ms of it are done in each turn of the event loop, so that all else goes on. */
export class WorkQueue {
  readonly #clock: Clock
  #tasks: (() => void)[] = []
  #isScheduled = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs a task in a later turn, after those that were added before. */
  add(task: () => void): void {
    this.#tasks.push(task)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#clock.soon(() => this.#run())
  }

  #run(): void {
    const tasks = this.#tasks
    const end = this.#clock.now() + slice
    this.#tasks = []
    this.#isScheduled = false
    let done = 0
    while (done < tasks.length && (done === 0 || this.#clock.now() < end)) tasks[done++]!()
    if (done === tasks.length) return
    this.#tasks = tasks.slice(done).concat(this.#tasks)
    this.#schedule()
  }
}

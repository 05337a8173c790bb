import type { Clock } from './clock.js'

/** What has frames to write at the end of a turn. */
export interface Writer {
  flush(): void
}

/**
 * One turn of the event loop, in order: all that came in is already handled; now the counting, then one write a
 * socket. So a reply, a state and a diff that are due in the same turn leave together.
 */
export class Turn {
  readonly #clock: Clock
  readonly #failed: (error: unknown) => void
  #work: (() => void)[] = []
  #writers: Writer[] = []
  #last: (() => void)[] = []
  #scheduled = false

  /** @param failed is told of an act that threw: the others of its turn are done all the same. */
  constructor(clock: Clock, failed: (error: unknown) => void) {
    this.#clock = clock
    this.#failed = failed
  }

  /** Calls `act` at the end of this turn, or of the next one where the turn's work is being done already. */
  work(act: () => void): void {
    this.#work.push(act)
    this.#schedule()
  }

  /** Flushes `writer` after this turn's work. */
  write(writer: Writer): void {
    this.#writers.push(writer)
    this.#schedule()
  }

  /** Calls `act` when all that this turn writes is written. */
  last(act: () => void): void {
    this.#last.push(act)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#clock.soon(() => this.#run())
  }

  #run(): void {
    const work = this.#work
    this.#work = []
    for (const act of work) this.#attempt(act)
    const writers = this.#writers
    this.#writers = []
    this.#scheduled = false
    for (const writer of writers) writer.flush()
    const last = this.#last
    this.#last = []
    for (const act of last) act()
    if (this.#work.length > 0) this.#schedule()
  }

  #attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#failed(error)
    }
  }
}

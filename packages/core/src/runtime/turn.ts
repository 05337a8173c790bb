import type { Clock } from './clock.js'

/** Has data to write at the end of a turn. */
export interface Writer {
  flush(): void
}

/**
 * Batches the work of one turn of the event loop. Input is handled as it arrives; at the end of the turn the queued
 * callbacks run, then every writer flushes, then the callbacks registered for after the writes run. So a reply, a state
 * and a diff that are due in the same turn leave in one write per socket.
 */
export class Turn {
  #callbacks: (() => void)[] = []
  #writers: Writer[] = []
  #afterWrites: (() => void)[] = []
  #scheduled = false

  /** @param onError receives errors of callbacks and writers. The others of the turn still run. */
  constructor(
    private readonly clock: Clock,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Runs `callback` at the end of this turn; a callback that is added while they run waits for the next turn. */
  run(callback: () => void): void {
    this.#callbacks.push(callback)
    this.#schedule()
  }

  /** Flushes `writer` after this turn's callbacks. */
  write(writer: Writer): void {
    this.#writers.push(writer)
    this.#schedule()
  }

  /** Runs `callback` after this turn's writes. */
  afterWrites(callback: () => void): void {
    this.#afterWrites.push(callback)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.clock.soon(() => this.#end())
  }

  #end(): void {
    const callbacks = this.#callbacks
    this.#callbacks = []
    for (const callback of callbacks) this.attempt(callback)
    const writers = this.#writers
    this.#writers = []
    this.#scheduled = false
    for (const writer of writers) {
      try {
        writer.flush()
      } catch (error) {
        this.onError(error)
      }
    }
    const afterWrites = this.#afterWrites
    this.#afterWrites = []
    for (const callback of afterWrites) this.attempt(callback)
    if (this.#callbacks.length > 0) this.#schedule()
  }

  /** Runs `callback` now. What it throws is reported. */
  attempt(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.onError(error)
    }
  }
}

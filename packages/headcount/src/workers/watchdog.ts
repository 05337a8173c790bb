import type { Clock } from '@headcount/core'

/** How often, in ms, each worker is pinged. */
const interval = 2_000

/** How long, in ms, a worker may not answer before it is killed. */
const limit = 10_000

interface Watched {
  /** Whether the last ping was answered. */
  isAnswered: boolean
  /** How long, in ms, it has been unanswered. */
  silentFor: number
  readonly ping: () => Promise<unknown>
  readonly kill: (silentFor: number) => void
}

/**
 * Detects workers whose process runs, but whose event loop is blocked: their sockets receive nothing. Time in which
 * this process itself was blocked does not count, because answers may have arrived in it.
 */
export class Watchdog {
  readonly #watched = new Set<Watched>()
  #cancelTick = (): void => {}

  constructor(private readonly clock: Clock) {}

  /**
   * Pings a worker at intervals, and calls `kill` once if it does not answer. Returns the undo.
   * @param ping resolves with the worker's answer.
   */
  watch(ping: () => Promise<unknown>, kill: (silentFor: number) => void): () => void {
    const watched = { isAnswered: false, silentFor: 0, ping, kill }
    this.#ask(watched)
    this.#watched.add(watched)
    if (this.#watched.size === 1) this.#tickLater()
    return () => {
      this.#watched.delete(watched)
      if (this.#watched.size === 0) this.#cancelTick()
    }
  }

  #ask(watched: Watched): void {
    watched.isAnswered = false
    const answered = (): void => {
      watched.isAnswered = true
    }
    // Rejected if the worker has exited.
    watched.ping().then(answered, answered)
  }

  #tickLater(): void {
    const due = this.clock.now() + interval
    this.#cancelTick = this.clock.after(interval, () => {
      this.#tick(this.clock.now() - due > interval / 2)
      if (this.#watched.size > 0) this.#tickLater()
    })
  }

  #tick(isLate: boolean): void {
    for (const watched of [...this.#watched]) {
      watched.silentFor = watched.isAnswered || isLate ? 0 : watched.silentFor + interval
      if (watched.isAnswered) this.#ask(watched)
      if (watched.silentFor < limit) continue
      this.#watched.delete(watched)
      watched.kill(watched.silentFor)
    }
  }
}

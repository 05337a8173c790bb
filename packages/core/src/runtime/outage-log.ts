import type { Clock } from './clock.js'

/** Time, in ms, between two lines during an outage. */
const repeat = 60_000

/** The number of outages that begin within `repeat` and are logged: a connection may break many times a second. */
const maxOutages = 5

/**
 * Logs an outage, however many failures there are: one line when it begins, one a minute with the number of failures,
 * and one when it ends with that number and the duration. Of outages that follow one another fast, five a minute are
 * logged, and the number of the others with the next one.
 */
export class OutageLog {
  #outage: { readonly since: number; loggedAt: number; failures: number; isLogged: boolean } | undefined
  #countedSince = Number.NEGATIVE_INFINITY
  #outages = 0

  constructor(
    private readonly clock: Clock,
    private readonly write: (phase: 'began' | 'goes_on' | 'ended', fields: object) => void,
  ) {}

  failed(reason: string): void {
    const now = this.clock.now()
    if (this.#outage === undefined) {
      this.#begin(now, reason)
      return
    }
    this.#outage.failures += 1
    if (now - this.#outage.loggedAt < repeat) return
    this.#outage.loggedAt = now
    this.#outage.isLogged = true
    this.write('goes_on', { reason, ...this.#duration() })
  }

  /** A no-op if there is no outage. */
  ended(): void {
    if (this.#outage === undefined) return
    if (this.#outage.isLogged) this.write('ended', this.#duration())
    this.#outage = undefined
  }

  #begin(now: number, reason: string): void {
    const skipped = Math.max(0, this.#outages - maxOutages)
    const isNext = now - this.#countedSince >= repeat
    if (isNext) {
      this.#countedSince = now
      this.#outages = 0
    }
    this.#outages += 1
    const isLogged = this.#outages <= maxOutages
    this.#outage = { since: now, loggedAt: now, failures: 1, isLogged }
    if (isLogged) this.write('began', { reason, ...(isNext && skipped > 0 && { skipped }) })
  }

  #duration() {
    const { since, failures } = this.#outage!
    return { seconds: Math.round(this.clock.now() - since) / 1000, failures }
  }
}

import type { Clock } from './clock.js'

/** Time, in ms, between two lines during an outage. */
const repeat = 60_000

/**
 * Logs an outage, however many failures there are: one line when it begins, one a minute with the number of failures,
 * and one when it ends with that number and the duration.
 */
export class OutageLog {
  #outage: { readonly since: number; loggedAt: number; failures: number } | undefined

  constructor(
    private readonly clock: Clock,
    private readonly write: (phase: 'began' | 'goes_on' | 'ended', fields: object) => void,
  ) {}

  failed(reason: string): void {
    const now = this.clock.now()
    if (this.#outage === undefined) {
      this.#outage = { since: now, loggedAt: now, failures: 1 }
      this.write('began', { reason })
      return
    }
    this.#outage.failures += 1
    if (now - this.#outage.loggedAt < repeat) return
    this.#outage.loggedAt = now
    this.write('goes_on', { reason, ...this.#duration() })
  }

  /** A no-op if there is no outage. */
  ended(): void {
    if (this.#outage === undefined) return
    this.write('ended', this.#duration())
    this.#outage = undefined
  }

  #duration() {
    const { since, failures } = this.#outage!
    return { seconds: Math.round(this.clock.now() - since) / 1000, failures }
  }
}

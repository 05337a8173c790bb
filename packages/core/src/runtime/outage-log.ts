import type { Clock } from './clock.js'
import type { Logger } from './logger.js'

export interface OutageLogOptions {
  readonly clock: Clock
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly messages: { readonly began: string; readonly goesOn: string; readonly ended: string }
}

/** How often, in ms, an outage that goes on is logged again. */
const repeat = 60_000

/**
 * Logs an outage, however often it is noticed: one line when it begins, one a minute with the number of failures, and
 * one when it ends with that number and the duration.
 */
export class OutageLog {
  readonly #o: OutageLogOptions
  #outage: { readonly since: number; loggedAt: number; failures: number } | undefined

  constructor(options: OutageLogOptions) {
    this.#o = options
  }

  failed(reason: string): void {
    const { clock, logger, messages } = this.#o
    const now = clock.now()
    if (this.#outage === undefined) {
      this.#outage = { since: now, loggedAt: now, failures: 1 }
      logger.warn({ reason }, messages.began)
      return
    }
    this.#outage.failures += 1
    if (now - this.#outage.loggedAt < repeat) return
    this.#outage.loggedAt = now
    logger.warn({ reason, ...this.#duration() }, messages.goesOn)
  }

  /** A no-op where there is no outage. */
  ended(): void {
    if (this.#outage === undefined) return
    this.#o.logger.info(this.#duration(), this.#o.messages.ended)
    this.#outage = undefined
  }

  #duration() {
    const { since, failures } = this.#outage!
    return { seconds: Math.round(this.#o.clock.now() - since) / 1000, failures }
  }
}

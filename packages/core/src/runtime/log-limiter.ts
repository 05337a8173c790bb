import type { Clock } from './clock.js'
import type { Logger } from './logger.js'

/** Minimum time, in ms, between two lines with the same key. */
const interval = 60_000

/** The number of keys with a line each. Further keys share one line. */
const maxKeys = 100

interface Line {
  readonly loggedAt: number
  /** How often it happened since, without a line. */
  suppressed: number
}

/** Logs events that may happen thousands of times a second: the first at once, then once a minute with a count. */
export class LogLimiter {
  readonly #lines = new Map<string, Line>()

  constructor(
    private readonly clock: Clock,
    private readonly logger: Partial<Logger>,
  ) {}

  /** A logger for events that share a line. @param key is not logged. */
  by(key: string): Logger {
    const at = (level: keyof Logger) => (fields: object, message: string) => this.#log(level, key, fields, message)
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  }

  #log(level: keyof Logger, key: string, fields: object, message: string): void {
    const now = this.clock.now()
    if (this.#lines.size >= maxKeys) this.#evictOld(now)
    const id = this.#lines.has(key) || this.#lines.size < maxKeys ? key : ''
    const line = this.#lines.get(id)
    if (line !== undefined && now - line.loggedAt < interval) {
      line.suppressed += 1
      return
    }
    const repeated = line === undefined || line.suppressed === 0 ? {} : { repeated: line.suppressed }
    this.#lines.set(id, { loggedAt: now, suppressed: 0 })
    this.logger[level]?.({ ...fields, ...repeated }, message)
  }

  #evictOld(now: number): void {
    for (const [key, { loggedAt }] of this.#lines) if (now - loggedAt > 2 * interval) this.#lines.delete(key)
  }
}

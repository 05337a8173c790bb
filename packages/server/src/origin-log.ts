import { type Clock, type Logger, LogLimiter } from '@headcount/core'
import { log } from './log-events.js'

/** Maximum logged characters of an origin. */
const maxLength = 200

/**
 * Logs refused origins, only in printable ASCII, like those of browsers. Clients choose them, so they have a separate
 * limiter: otherwise they could displace other events.
 */
export function originLog(clock: Clock, logger: Logger): (origin: string) => void {
  const logs = new LogLimiter(clock, logger)
  return (given) => {
    const origin = given.slice(0, maxLength).replace(/[^ -~]/g, '?')
    log(logs.by(origin), 'origin_refused', { origin })
  }
}

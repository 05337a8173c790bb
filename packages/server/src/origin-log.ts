import { type Clock, type Logger, LogLimiter } from '@headcount/core'
import { log } from './log-events.js'

/** Most characters of an origin that are logged. */
const maxLength = 200

/**
 * Logs origins that are refused, with printable ASCII alone, as those of browsers are. Clients choose them: in a
 * limiter with other events they would take the places of those.
 */
export function originLog(clock: Clock, logger: Logger): (origin: string) => void {
  const logs = new LogLimiter(clock, logger)
  return (given) => {
    const origin = given.slice(0, maxLength).replace(/[^ -~]/g, '?')
    log(logs.by(origin), 'origin_refused', { origin })
  }
}

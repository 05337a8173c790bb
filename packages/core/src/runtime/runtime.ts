import type { Clock } from './clock.js'
import type { Logger } from './logger.js'
import type { Metrics } from './metrics.js'
import type { Turn } from './turn.js'

/** The dependencies that the parts of a replica share. */
export interface Runtime {
  readonly clock: Clock
  readonly turn: Turn
  readonly logger: Logger
  readonly metrics: Metrics
}

import type { Clock } from '../clock.js'
import type { Topic } from '../counting/engine.js'
import type { PersonKeys } from '../counting/keys.js'
import type { Replica } from '../counting/replica.js'
import type { TopicRules } from '../counting/topics.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Turn } from '../turn.js'
import type { Limits } from './limits.js'

/** Who is at the other end of a socket, as far as counting goes. Never sent, never logged. */
export interface Who {
  /** The user's id, or null: a viewer. */
  readonly user: string | null
  /** The random id that the client keeps, or null. */
  readonly client: string | null
}

/** May this one join? A promise holds up the socket that asks, and nobody else; an error is a no. */
export type Authorize = (topic: Topic, who: { user: string | null }) => boolean | Promise<boolean>

/** What all sockets of a server share. */
export interface Endpoint {
  readonly replica: Replica
  readonly topics: TopicRules
  readonly authorize: Authorize | undefined
  readonly keys: PersonKeys
  readonly limits: Limits
  readonly clock: Clock
  readonly turn: Turn
  readonly metrics: Metrics
}

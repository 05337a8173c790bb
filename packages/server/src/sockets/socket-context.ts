import type { Clock, Metrics, PersonKeys, Replica, Topic, TopicRules, Turn } from '@headcount/core'
import type { Limits } from './limits.js'

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

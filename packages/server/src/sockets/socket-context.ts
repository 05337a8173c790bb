import type { Clock, Identity, Metrics, PersonKeys, Replica, Topic, TopicRules, Turn } from '@headcount/core'
import type { Admission } from './admission.js'
import type { Limits } from './limits.js'
import type { PresenceLimits } from './presence-limits.js'
import type { Authenticate } from './session.js'

/**
 * Decides whether a client may join a topic. While a promise is pending its socket reads no further messages; a
 * rejection or an exception refuses the join.
 */
export type Authorize = (topic: Topic, identity: Pick<Identity, 'userId'>) => boolean | Promise<boolean>

/** What all sockets of a server share. */
export interface SocketContext {
  readonly replica: Replica
  readonly topics: TopicRules
  readonly authorize: Authorize | undefined
  readonly authenticate: Authenticate
  /** What becomes of a socket whose token has expired. */
  readonly expiredToken: 'viewer' | 'close'
  readonly keys: PersonKeys
  readonly admission: Admission
  readonly presenceLimits: PresenceLimits
  readonly limits: Limits
  readonly clock: Clock
  readonly turn: Turn
  readonly metrics: Metrics
}

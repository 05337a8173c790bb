import type { Clock, Metrics, PersonKeys, Replica, TopicRules, Turn } from '@headcount/core'
import type { WorkQueue } from '../work-queue.js'
import type { Access } from './access.js'
import type { AddressLimit } from './address-limit.js'
import type { Admission } from './admission.js'
import type { Limits } from './limits.js'
import type { PresenceLimits } from './presence-limits.js'
import type { Authenticate } from './session.js'

/** The dependencies that all sockets of a server share. */
export interface SocketContext {
  readonly replica: Replica
  readonly topics: TopicRules
  readonly access: Access
  readonly authenticate: Authenticate
  /** The effect on a socket whose token has expired. */
  expiredToken(): 'viewer' | 'close'
  readonly keys: PersonKeys
  readonly admission: Admission
  readonly addressLimit: AddressLimit
  readonly presenceLimits: PresenceLimits
  readonly limits: Limits
  readonly clock: Clock
  readonly turn: Turn
  readonly work: WorkQueue
  readonly metrics: Metrics
}

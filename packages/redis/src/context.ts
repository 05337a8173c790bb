import type { Clock, Logger, ReplicaId } from '@headcount/server'
import type { Keys } from './keys.js'
import type { Link } from './link.js'
import type { Scripts } from './scripts.js'
import type { TopicState } from './topic.js'

/** What the slots of an engine share. */
export interface Context {
  readonly replica: ReplicaId
  readonly link: Link
  readonly keys: Keys
  readonly scripts: Scripts
  readonly groups: number
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Pick<Logger, 'info' | 'warn'>
  /** In ms. */
  readonly lease: number
  /** For how long, in ms, a key outlives whoever should tend it. */
  readonly ttl: number
  /** How long, in ms, an answer may take. */
  readonly patience: number
  readonly publish: 'SPUBLISH' | 'PUBLISH'
  /** Before this no other replica is forgotten: after an outage all come back, one sooner than another. */
  trustAt: number
  /** News of a topic may have come. */
  tell(topic: TopicState): void
}

import type { Clock, Logger, ReplicaId } from '@headcount/core'
import type { Connected } from './connect.js'
import { Keys } from './keys.js'
import type { Link } from './link.js'
import type { Resolved } from './options.js'
import { loadScripts, type Scripts } from './scripts.js'
import type { TopicState } from './topic.js'

/** Over how many hash tags the topics of a Redis Cluster are spread. A single Redis needs but one. */
const clusterSlots = 64

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

/** What `replica` works with, at the other end of a link. */
export function contextOf(
  options: Resolved,
  { link, cluster, sharded, database }: Connected,
  replica: ReplicaId,
  tell: Context['tell'],
): Context {
  const { prefix, groups, clock, random, logger, lease } = options
  return {
    replica: nameOf(replica),
    link,
    keys: new Keys(prefix, database, cluster ? clusterSlots : 1),
    scripts: loadScripts(),
    groups,
    clock,
    random,
    logger,
    lease,
    ttl: Math.max(6 * lease, 60_000),
    patience: Math.min(1_000, lease / 2),
    publish: sharded ? 'SPUBLISH' : 'PUBLISH',
    trustAt: Number.NEGATIVE_INFINITY,
    tell,
  }
}

/** A replica's name in Redis, where spaces part what stands in a row. */
export function nameOf(replica: ReplicaId): string {
  return encodeURIComponent(replica)
}

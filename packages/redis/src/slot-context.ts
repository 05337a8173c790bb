import { type Clock, type EngineOptions, type Logger, LogLimiter, type ReplicaId, type Topic } from '@headcount/core'
import type { Connection } from './connect.js'
import { Keys, type SlotKeys } from './keys.js'
import type { ResolvedOptions } from './options.js'
import { Requests } from './requests.js'
import type { TopicState } from './topic-state.js'

/** Number of hash tags over which the topics of a Redis Cluster are spread. A single Redis needs one. */
const clusterSlots = 64

/** The dependencies that all slots of an engine share. All times are in ms. */
export interface EngineContext extends Connection {
  /** The replica's name in Redis: without spaces, commas and semicolons. */
  readonly replica: string
  readonly keys: Keys
  readonly groups: number
  readonly lease: number
  /** How long a request may take. */
  readonly timeout: number
  /** The time after which a key expires that no replica refreshes. Leases are kept for twice as long. */
  readonly ttl: number
  /** How long after its expiry a lease still counts: its renewal may be in flight. */
  readonly renewalMargin: number
  /** The kind of pub/sub, one for the whole cluster: initially this replica's choice, then the one in Redis. */
  readonly pubsub: { sharded: boolean }
  readonly clock: Clock
  readonly random: () => number
  readonly observe: NonNullable<EngineOptions['observe']>
  readonly levels: NonNullable<EngineOptions['levels']>
  /** The histories to record; undefined for none. */
  readonly history: EngineOptions['history']
  readonly logger: Pick<Logger, 'info' | 'warn'>
  /** For errors that other programs can cause. */
  readonly logs: LogLimiter
  /** No other replica is expired before `until`: after an outage they may be reconnecting too. */
  readonly warmUp: { until: number }
}

/** One slot: the topics that share a hash tag. */
export interface SlotContext extends EngineContext {
  readonly slot: number
  readonly slotKeys: SlotKeys
  readonly requests: Requests
  /** The topics that this replica watches or has presences in. */
  readonly topics: Map<Topic, TopicState>
}

export function engineContext(
  { prefix, clock, random, logger }: ResolvedOptions,
  connection: Connection,
  replica: ReplicaId,
  { groups, lease, observe = () => {}, levels = () => [], history }: Omit<EngineOptions, 'changed'>,
): EngineContext {
  return {
    ...connection,
    replica: encodeURIComponent(replica),
    keys: new Keys(prefix, connection.database, connection.cluster ? clusterSlots : 1),
    groups,
    lease,
    timeout: Math.min(1_000, lease / 2),
    ttl: Math.max(6 * lease, 60_000),
    renewalMargin: lease / 40,
    pubsub: { sharded: connection.supportsSharded },
    clock,
    random,
    observe,
    levels,
    history,
    logger,
    logs: new LogLimiter(clock, logger),
    warmUp: { until: Number.NEGATIVE_INFINITY },
  }
}

export function slotContexts(context: EngineContext): SlotContext[] {
  const { keys, commands, clock, timeout } = context
  return Array.from({ length: keys.slots }, (_, slot) => {
    const requests = new Requests(commands, clock, timeout)
    return { ...context, slot, slotKeys: keys.slot(slot), requests, topics: new Map() }
  })
}

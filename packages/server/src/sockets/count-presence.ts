import { type Presence, presenceOf, type Topic, type TopicRule } from '@headcount/core'
import type { Session } from './session.js'
import type { SocketContext } from './socket-context.js'

type CountContext = Pick<SocketContext, 'replica' | 'keys' | 'metrics' | 'presenceLimits'>

/** A client as it counts: its session, and its network address where the limits need it. */
interface Client {
  readonly session: Session
  readonly address: string | null
}

/** Adds the presence of a client to a topic. Undefined, and not counted, beyond the limits of presences. */
export function addPresence(
  { replica, keys, metrics, presenceLimits }: CountContext,
  topic: Topic,
  rule: TopicRule,
  { session, address }: Client,
): Presence | undefined {
  const reached = presenceLimits.take(topic, { userId: session.userId, address })
  if (reached !== undefined) {
    metrics.count('limited', 1, reached)
    return undefined
  }
  const presence = presenceOf(rule, topic, session, keys)
  replica.tracker.track(topic, presence)
  metrics.count('joins')
  return presence
}

/** Removes a presence that `addPresence` added for the same client. */
export function removePresence(
  { replica, metrics, presenceLimits }: CountContext,
  topic: Topic,
  presence: Presence,
  { session, address }: Client,
): void {
  presenceLimits.release(topic, { userId: session.userId, address })
  replica.tracker.untrack(topic, presence)
  metrics.count('leaves')
}

import { type Identity, type MatchedRule, type Presence, presenceOf, type Topic } from '@headcount/core'
import type { LimitKeys, PresenceLimit } from './presence-limits.js'
import type { Session } from './session.js'
import type { SocketContext } from './socket-context.js'

type CountContext = Pick<SocketContext, 'replica' | 'keys' | 'metrics' | 'presenceLimits'>

/** A client for the limits of presences: its session, and its network address if they need it. */
interface Client {
  readonly session: Session
  readonly address: string | null
}

/**
 * Whether a channel is counted in its own topic, or why not: a limit beyond which it has no place; `hidden` asked to
 * observe after it was counted.
 */
export type CountedStatus = 'counted' | 'observers' | 'hidden' | PresenceLimit

/** A channel or the reader of a stream, with the presence that it currently adds. */
export interface Counted {
  /** Undefined while it is not counted in its own topic. `alsoIn` has the topics in which it has a place. */
  presence: Presence | undefined
  status: CountedStatus
  /** Ends each wait for a place; undefined if it never waited. */
  waits: Set<() => void> | undefined
}

/** The values that the presences of one client in a topic, and in those of `alsoIn`, share. */
interface Counting {
  readonly context: CountContext
  readonly limitKeys: LimitKeys
  readonly counted: Counted
}

/**
 * Adds the presence of a client to a topic and to those of `alsoIn`. Beyond the limits of presences it is not counted
 * until a place is free. If only a topic of `alsoIn` has no place left, it counts in the others.
 */
export function addPresence(
  context: CountContext,
  topic: Topic,
  rule: MatchedRule,
  client: Client & Required<Pick<Identity, 'connectionId'>>,
  counted: Counted,
): void {
  const { userId, clientId } = client.session
  const identity = { userId, clientId, connectionId: () => client.connectionId() }
  const all = presenceOf(rule, topic, identity, context.keys)
  const { presenceLimits, metrics } = context
  const counting = { context, limitKeys: limitKeysOf(client), counted }
  const reached = presenceLimits.take(topic, counting.limitKeys, all.person)
  if (reached === undefined) count(counting, topic, all)
  else {
    metrics.count('limited', 1, reached)
    counted.status = reached
    wait(counting, topic, all, () => count(counting, topic, all))
  }
}

/** Counts a presence that has a place in its own topic, and in those of `alsoIn` that have one left. */
function count(counting: Counting, topic: Topic, all: Presence): void {
  const { context, limitKeys, counted } = counting
  const { presenceLimits, metrics, replica } = context
  counted.status = 'counted'
  metrics.count('joins')
  if (all.alsoIn === undefined) {
    counted.presence = all
    replica.tracker.track(topic, all)
    return
  }
  const { alsoIn, ...own } = all
  counted.presence = own
  replica.tracker.track(topic, own)
  for (const also of alsoIn) {
    const countAlso = (): void => {
      counted.presence = { ...own, alsoIn: [...(counted.presence?.alsoIn ?? []), also] }
      replica.tracker.track(also.topic, also)
    }
    const reached = presenceLimits.take(also.topic, limitKeys, also.person)
    if (reached === undefined) countAlso()
    else {
      metrics.count('limited', 1, reached)
      wait(counting, also.topic, also, countAlso)
    }
  }
}

/** Calls `taken` when the presence gets a place. */
function wait(
  { context, limitKeys, counted }: Counting,
  topic: Topic,
  { person }: Pick<Presence, 'person'>,
  taken: () => void,
): void {
  counted.waits ??= new Set()
  counted.waits.add(context.presenceLimits.wait(topic, limitKeys, person, taken))
}

/** Removes what `addPresence` added for the same client, and ends its waits. */
export function removePresence(
  { replica, metrics, presenceLimits }: CountContext,
  topic: Topic,
  client: Client,
  counted: Counted,
): void {
  const { presence, waits } = counted
  for (const endWait of waits ?? []) endWait()
  counted.waits = undefined
  counted.presence = undefined
  if (presence === undefined) return
  const limitKeys = limitKeysOf(client)
  presenceLimits.release(topic, limitKeys, presence.person)
  for (const also of presence.alsoIn ?? []) presenceLimits.release(also.topic, limitKeys, also.person)
  replica.tracker.untrack(topic, presence)
  metrics.count('leaves')
}

const limitKeysOf = ({ session: { userId }, address }: Client): LimitKeys => ({ userId, address })

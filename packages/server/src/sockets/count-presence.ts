import { type Identity, type MatchedRule, type Presence, presenceOf, type Topic } from '@headcount/core'
import type { PresenceLimit } from './presence-limits.js'
import type { Session } from './session.js'
import type { SocketContext } from './socket-context.js'

type CountContext = Pick<SocketContext, 'replica' | 'keys' | 'metrics' | 'presenceLimits'>

/** A client as the limits of presences see it: its session, and its network address where they need it. */
interface Client {
  readonly session: Session
  readonly address: string | null
}

/** A channel or the reader of a stream, and what it adds to the counts at present. */
export interface Counted {
  /** Undefined while it is not counted in its own topic. `alsoIn` has the topics in which it has a place. */
  presence: Presence | undefined
  /** The limit beyond which it has no place in its own topic; undefined where it has one. */
  reached: PresenceLimit | undefined
  /** Ends the wait for each place that it has not got; undefined where it never waited. */
  waits: Set<() => void> | undefined
}

/**
 * Adds the presence of a client to a topic, and to the topics in which it counts too. Beyond the limits of presences it
 * is not counted before a place is free. Where only a further topic has no place left, it counts in the others.
 */
export function addPresence(
  context: CountContext,
  topic: Topic,
  rule: MatchedRule,
  client: Client & Required<Pick<Identity, 'connectionId'>>,
  counted: Counted,
): void {
  const { userId, clientId } = client.session
  const { tracker } = context.replica
  const identity = { userId, clientId, connectionId: () => client.connectionId() }
  const all = presenceOf(rule, topic, identity, context.keys)
  const origin = originOf(client)
  const take = (name: Topic, { person }: Pick<Presence, 'person'>, taken: () => void): void => {
    const { presenceLimits, metrics } = context
    const reached = presenceLimits.take(name, origin, person)
    if (reached === undefined) {
      taken()
      return
    }
    metrics.count('limited', 1, reached)
    if (counted.presence === undefined) counted.reached = reached
    counted.waits ??= new Set()
    const endWait = presenceLimits.wait(name, origin, person, () => {
      counted.waits?.delete(endWait)
      taken()
    })
    counted.waits.add(endWait)
  }
  take(topic, all, () => {
    const { alsoIn = [], ...own } = all
    counted.reached = undefined
    counted.presence = all.alsoIn === undefined ? all : own
    tracker.track(topic, counted.presence)
    context.metrics.count('joins')
    for (const also of alsoIn) {
      take(also.topic, also, () => {
        counted.presence = { ...own, alsoIn: [...(counted.presence?.alsoIn ?? []), also] }
        tracker.track(also.topic, also)
      })
    }
  })
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
  counted.reached = undefined
  counted.presence = undefined
  if (presence === undefined) return
  const origin = originOf(client)
  presenceLimits.release(topic, origin, presence.person)
  for (const also of presence.alsoIn ?? []) presenceLimits.release(also.topic, origin, also.person)
  replica.tracker.untrack(topic, presence)
  metrics.count('leaves')
}

const originOf = ({ session: { userId }, address }: Client) => ({ userId, address })

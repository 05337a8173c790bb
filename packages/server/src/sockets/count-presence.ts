import { type Identity, type MatchedRule, type Presence, presenceOf, type Topic } from '@headcount/core'
import type { Session } from './session.js'
import type { SocketContext } from './socket-context.js'

type CountContext = Pick<SocketContext, 'replica' | 'keys' | 'metrics' | 'presenceLimits'>

/** A client as the limits of presences see it: its session, and its network address where they need it. */
interface Client {
  readonly session: Session
  readonly address: string | null
}

/**
 * Adds the presence of a client to a topic, and to the topics in which it counts too. Undefined, and not counted,
 * beyond the limits of presences. Where only a further topic has no place left, it counts in the others.
 */
export function addPresence(
  context: CountContext,
  topic: Topic,
  rule: MatchedRule,
  client: Client & Required<Pick<Identity, 'connectionId'>>,
): Presence | undefined {
  if (!takesPlace(context, topic, client)) return undefined
  const { userId, clientId } = client.session
  const identity = { userId, clientId, connectionId: () => client.connectionId() }
  const all = presenceOf(rule, topic, identity, context.keys)
  const alsoIn = all.alsoIn?.filter((also) => takesPlace(context, also.topic, client))
  const presence = alsoIn === undefined ? all : { ...all, alsoIn }
  context.replica.tracker.track(topic, presence)
  context.metrics.count('joins')
  return presence
}

/** Removes a presence that `addPresence` added for the same client. */
export function removePresence(
  { replica, metrics, presenceLimits }: CountContext,
  topic: Topic,
  presence: Presence,
  client: Client,
): void {
  const origin = originOf(client)
  presenceLimits.release(topic, origin)
  for (const also of presence.alsoIn ?? []) presenceLimits.release(also.topic, origin)
  replica.tracker.untrack(topic, presence)
  metrics.count('leaves')
}

/** Takes a place among the presences of a topic, unless the limits leave none. */
function takesPlace({ metrics, presenceLimits }: CountContext, topic: Topic, client: Client): boolean {
  const reached = presenceLimits.take(topic, originOf(client))
  if (reached !== undefined) metrics.count('limited', 1, reached)
  return reached === undefined
}

const originOf = ({ session: { userId }, address }: Client) => ({ userId, address })

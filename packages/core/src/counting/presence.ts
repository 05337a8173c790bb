import type { PersonKey, Topic } from '../engine/engine.js'
import type { PersonKeys } from './person-keys.js'
import type { MatchedRule } from './topic-rules.js'

/** The user or viewer behind a socket, as far as counting needs it. Never sent, never logged. */
export interface Identity {
  /** The user's id, or null for a viewer. */
  readonly userId: string | null
  /** The random id that the client gave, or null. */
  readonly clientId: string | null
  /**
   * An id of the socket that no other socket of the cluster has. By it, a viewer without a client id is one person in a
   * roll-up, however many topics the socket has joined.
   */
  connectionId?(): string
}

/** The part of a presence in one topic. */
export interface TopicPresence {
  /** Index of its group. */
  readonly group: number
  /** The key of the person; null for a separate person, and where connections are counted. */
  readonly person: PersonKey | null
}

/** The presence that one channel adds to its topic, and to the topics of `alsoIn`. */
export interface Presence extends TopicPresence {
  /** Absent, to save memory, if there are none. */
  readonly alsoIn?: readonly (TopicPresence & { readonly topic: Topic })[]
}

/** Index of the group of signed-in users. */
export const signedIn = 0
/** Index of the group of anonymous viewers. */
export const anonymous = 1

const connections: readonly TopicPresence[] = [
  { group: signedIn, person: null },
  { group: anonymous, person: null },
]

/**
 * The presence of a channel. Where connections are counted, it stores only the group of the identity.
 * @param group index of its group, if the identity does not determine it.
 */
export function presenceOf(
  rule: MatchedRule,
  topic: Topic,
  identity: Identity,
  keys: PersonKeys,
  group = identity.userId === null ? anonymous : signedIn,
): Presence {
  const own = presenceIn(rule, topic, identity, keys, group)
  if (rule.rollUps.length === 0) return own
  const alsoIn = rule.rollUps.map((also) => ({
    topic: also.topic,
    ...presenceIn(also.rule, also.topic, identity, keys, group),
  }))
  return { ...own, alsoIn }
}

function presenceIn(
  rule: MatchedRule,
  topic: Topic,
  identity: Identity,
  keys: PersonKeys,
  group: number,
): TopicPresence {
  const person = rule.unit === 'people' ? personOf(rule, topic, identity, keys) : null
  return person === null ? (connections[group] ?? { group, person }) : { group, person }
}

function personOf(
  { isRollUp }: MatchedRule,
  topic: Topic,
  { userId, clientId, connectionId }: Identity,
  keys: PersonKeys,
): PersonKey | null {
  if (userId !== null) return keys(topic, 'user', userId)
  if (clientId !== null) return keys(topic, 'client', clientId)
  return isRollUp && connectionId !== undefined ? keys(topic, 'connection', connectionId()) : null
}

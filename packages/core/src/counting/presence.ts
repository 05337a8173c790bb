import type { PersonKey, Topic } from '../engine/engine.js'
import type { PersonKeys } from './person-keys.js'
import type { TopicRule } from './topic-rules.js'

/** The user or viewer behind a socket, as far as counting needs it. Never sent, never logged. */
export interface Identity {
  /** The user's id, or null for a viewer. */
  readonly userId: string | null
  /** The random id that the client gave, or null. */
  readonly clientId: string | null
}

/** What one channel adds to its topic. */
export interface Presence {
  /** Index of its group. */
  readonly group: number
  /** The person, where people are counted; null counts as a person, or a connection, of its own. */
  readonly person: PersonKey | null
}

/** Index of the group of signed-in users. */
export const signedIn = 0
/** Index of the group of anonymous viewers. */
export const anonymous = 1

const userConnection: Presence = { group: signedIn, person: null }
const viewerConnection: Presence = { group: anonymous, person: null }

/** The presence of a channel. Where connections are counted, it keeps nothing of the identity but the group. */
export function presenceOf(rule: TopicRule, topic: Topic, identity: Identity, keys: PersonKeys): Presence {
  const { userId, clientId } = identity
  if (userId !== null) {
    return rule.unit === 'people' ? { group: signedIn, person: keys(topic, 'user', userId) } : userConnection
  }
  if (rule.unit === 'connections' || clientId === null) return viewerConnection
  return { group: anonymous, person: keys(topic, 'client', clientId) }
}

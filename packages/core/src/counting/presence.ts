import type { Topic } from '../engine/engine.js'
import type { PersonKeys } from './person-keys.js'
import type { TopicRule } from './topic-rules.js'
import type { Presence } from './tracker.js'

/** Who is behind a socket, as far as counting goes. Never sent, never logged. */
export interface Identity {
  /** The user's id, or null for a viewer. */
  readonly user: string | null
  /** The random id that the client gave, or null. */
  readonly client: string | null
}

/** Indexes of the groups that sign-in decides. */
export const signedIn = 0
export const anonymous = 1

const aUser: Presence = { group: signedIn, person: null, device: null }
const aViewer: Presence = { group: anonymous, person: null, device: null }

/** What a channel adds to its topic. Where connections are counted, nothing is kept of who it is. */
export function presenceOf(rule: TopicRule, topic: Topic, who: Identity, keys: PersonKeys): Presence {
  if (rule.unit === 'connections') return who.user === null ? aViewer : aUser
  const client = who.client === null ? null : keys(topic, 'client', who.client)
  // What links somebody to who they were before is of use to grace alone.
  const device = rule.grace > 0 ? client : null
  return who.user === null
    ? { group: anonymous, person: client, device }
    : { group: signedIn, person: keys(topic, 'user', who.user), device }
}

import type { Group } from '@headcount/protocol'
import type { Topic } from '../engine/engine.js'
import type { Replica } from '../replica.js'
import { HeadcountError } from '../runtime/errors.js'
import type { PersonKeys } from './person-keys.js'
import { anonymous, presenceOf, signedIn } from './presence.js'
import type { TopicRule, TopicRules } from './topic-rules.js'
import type { Presence } from './tracker.js'

/** Who a presence that is no socket is. */
export interface TrackOptions {
  /** Its group: the one of the signed in where `user` is given, else the one of the anonymous. */
  readonly group?: Group | undefined
  /** The user's id, where people are counted: with a socket of the same user it is one person. */
  readonly user?: string | undefined
}

interface Entry {
  readonly rule: TopicRule
  readonly presence: Presence
}

/** The presences that are no sockets, by topic and key. */
export class ManualPresences {
  readonly #topics = new Map<Topic, Map<string, Entry>>()

  constructor(
    readonly replica: Replica,
    readonly rules: TopicRules,
    readonly groups: readonly Group[],
    readonly keys: PersonKeys,
  ) {}

  track(topic: Topic, key: string, { group, user }: TrackOptions = {}): void {
    const rule = this.rules.match(topic)
    if (rule === undefined) {
      throw new HeadcountError(
        'unmatched_topic',
        `expected a topic that a pattern allows, got ${JSON.stringify(topic)}`,
      )
    }
    const index = group === undefined ? (user === undefined ? anonymous : signedIn) : this.groups.indexOf(group)
    if (index < 0) {
      throw new HeadcountError(
        'unknown_group',
        `expected one of ${this.groups.join(', ')}, got ${JSON.stringify(group)}`,
      )
    }
    const who = { user: user ?? null, client: user === undefined ? key : null }
    const presence = { ...presenceOf(rule, topic, who, this.keys), group: index }
    const before = this.#topics.get(topic)?.get(key)
    this.replica.track(topic, presence)
    if (before !== undefined) this.replica.untrack(topic, before.presence, 0)
    const entries = this.#topics.get(topic) ?? new Map<string, Entry>()
    this.#topics.set(topic, entries.set(key, { rule, presence }))
  }

  untrack(topic: Topic, key: string): void {
    const entries = this.#topics.get(topic)
    const entry = entries?.get(key)
    if (entries === undefined || entry === undefined) return
    entries.delete(key)
    if (entries.size === 0) this.#topics.delete(topic)
    this.replica.untrack(topic, entry.presence, entry.rule.grace)
  }
}

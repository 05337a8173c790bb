import type { Group } from '@headcount/protocol'
import type { Topic } from '../engine/engine.js'
import { HeadcountError } from '../runtime/errors.js'
import type { PersonKeys } from './person-keys.js'
import { anonymous, type Presence, presenceOf, signedIn } from './presence.js'
import type { TopicRules } from './topic-rules.js'
import type { Tracker } from './tracker.js'

export interface TrackOptions {
  /** The group of the presence. Default: the first group if `user` is set, else the second. */
  readonly group?: Group | undefined
  /** The user's id, where people are counted: together with sockets of the same user it is one person. */
  readonly user?: string | undefined
}

/** The presences that an application adds itself, by topic and key: a kiosk, a bot, a native client. */
export class ManualPresences {
  readonly #topics = new Map<Topic, Map<string, Presence>>()

  constructor(
    readonly tracker: Tracker,
    readonly rules: TopicRules,
    readonly groups: readonly Group[],
    readonly keys: PersonKeys,
  ) {}

  /**
   * Adds a presence, or moves the one with the same key.
   * @throws {HeadcountError} `unmatched_topic`, `unknown_group`; `bad_option` if the key or the user is no text.
   */
  track(topic: Topic, key: string, { group, user }: TrackOptions = {}): void {
    const rule = this.rules.match(topic)
    if (rule === undefined) {
      throw new HeadcountError(
        'unmatched_topic',
        `topic: expected one that a pattern allows, got ${JSON.stringify(topic)}`,
      )
    }
    checkText('key', key)
    if (user !== undefined) checkText('user', user)
    const byDefault = user === undefined ? anonymous : signedIn
    const index = group === undefined ? byDefault : this.groups.indexOf(group)
    if (index < 0) {
      const expected = `group: expected one of ${this.groups.join(', ')}`
      throw new HeadcountError('unknown_group', `${expected}, got ${JSON.stringify(group)}`)
    }
    const identity = { userId: user ?? null, clientId: user === undefined ? key : null }
    const presence = presenceOf(rule, topic, identity, this.keys, index)
    const before = this.#topics.get(topic)?.get(key)
    this.tracker.track(topic, presence)
    if (before !== undefined) this.tracker.untrack(topic, before)
    const presences = this.#topics.get(topic) ?? new Map<string, Presence>()
    this.#topics.set(topic, presences.set(key, presence))
  }

  /** Removes a presence. A no-op if there is none with that key. */
  untrack(topic: Topic, key: string): void {
    const presences = this.#topics.get(topic)
    const presence = presences?.get(key)
    if (presences === undefined || presence === undefined) return
    presences.delete(key)
    if (presences.size === 0) this.#topics.delete(topic)
    this.tracker.untrack(topic, presence)
  }
}

/** An id that is missing in the application would be one presence for all, without an error. */
function checkText(name: string, given: unknown): void {
  if (typeof given === 'string' && given !== '') return
  const got = given === '' ? 'an empty one' : given === null ? 'null' : typeof given
  throw new HeadcountError('bad_option', `${name}: expected a string, got ${got}`)
}

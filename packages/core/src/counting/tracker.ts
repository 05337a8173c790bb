import { isZero, sumOf, type Totals, zeroTotals } from '@headcount/protocol'
import type { Change, PersonChange, PersonKey, Topic } from '../engine/engine.js'
import type { BusiestTopics, RankedTopic } from './busiest-topics.js'
import type { Presence, TopicPresence } from './presence.js'

/** The presences of this replica in one topic. */
interface TopicCounts extends RankedTopic {
  /** Connections, by group. */
  readonly counts: number[]
  /** Undefined, to save memory, while the topic has no people. */
  people: People | undefined
  /** Presences of all topics with the same pattern, by group. */
  readonly tally: number[]
  /** Presences that were added since the last `take`. */
  joins: number
}

/** The presences of this replica in a topic, committed or not. */
export interface TrackedTopic {
  /** Connections, by group; where people are counted, only those without an id. */
  readonly counts: Totals
  /** People, by the group in which they count here. */
  readonly people: Totals
  /** The channels of these people. */
  readonly channels: number
  /** How many of these people have more than one channel. */
  readonly severalChannels: number
}

interface People {
  readonly byKey: Map<PersonKey, PersonState>
  /** Keys of the people whose group changed since the last `take`. */
  readonly changed: Set<PersonKey>
}

interface PersonState {
  /** Open channels, by group. */
  readonly channels: number[]
  /** The lowest group with an open channel: the one in which the person counts. */
  group: number
}

/**
 * The presences of this replica. Every operation is O(1) in the presences of its topic. It has no side effects except
 * the callback.
 */
export class Tracker {
  readonly #topics = new Map<Topic, TopicCounts>()
  readonly #changed = new Set<TopicCounts>()

  /**
   * @param groups how many groups a topic has.
   * @param onChange is called after every change that `take` would return.
   * @param tallyOf returns the numbers, by group, to which the presences of a topic are added.
   * @param busiest is notified of every topic that gains or loses a presence.
   */
  constructor(
    private readonly groups: number,
    private readonly onChange: () => void,
    private readonly tallyOf: (topic: Topic) => number[],
    private readonly busiest: BusiestTopics,
  ) {}

  /** The presences of this replica in a topic; undefined for none. O(people of the topic here). */
  view(topic: Topic): TrackedTopic | undefined {
    const entry = this.#topics.get(topic)
    if (entry === undefined) return undefined
    const people = zeroTotals(this.groups)
    const sizes = [...(entry.people?.byKey.values() ?? [])].map((person) => {
      people[person.group]! += 1
      return sumOf(person.channels)
    })
    return {
      ...{ counts: [...entry.counts], people },
      channels: sumOf(sizes),
      severalChannels: sizes.filter((size) => size > 1).length,
    }
  }

  /** Adds a presence to its topic and its roll-ups. The caller removes it with the same arguments, once. */
  track(topic: Topic, presence: Presence): void {
    this.#add(topic, presence)
    for (const also of presence.alsoIn ?? none) this.#add(also.topic, also)
  }

  /** Removes a presence that was added by `track`. */
  untrack(topic: Topic, presence: Presence): void {
    this.#remove(topic, presence)
    for (const also of presence.alsoIn ?? none) this.#remove(also.topic, also)
  }

  /** Every topic that changed since the last call. Topics without presences are dropped. */
  take(interval: (topic: Topic) => number): Change[] {
    const changes: Change[] = []
    for (const entry of this.#changed) {
      const { topic, counts, people, joins } = entry
      this.busiest.joined(topic, joins)
      entry.joins = 0
      changes.push({ topic, counts: [...counts], people: takePeople(people), interval: interval(topic) })
      if (people?.byKey.size === 0) entry.people = undefined
      if (entry.people === undefined && isZero(counts)) this.#topics.delete(topic)
    }
    this.#changed.clear()
    return changes
  }

  /** Marks changes that could not be committed: the next `take` returns the current values of their topics. */
  restore(changes: readonly Change[]): void {
    for (const { topic, people } of changes) {
      const entry = this.#topic(topic)
      if (people.length > 0) entry.people ??= { byKey: new Map(), changed: new Set() }
      for (const { key } of people) entry.people?.changed.add(key)
      this.#changed.add(entry)
    }
  }

  /** Marks every topic as changed: the cluster has removed this replica. */
  markAll(): void {
    for (const entry of this.#topics.values()) {
      for (const key of entry.people?.byKey.keys() ?? []) entry.people?.changed.add(key)
      this.#changed.add(entry)
    }
  }

  #add(topic: Topic, { group, person: key }: TopicPresence): void {
    const entry = this.#topic(topic)
    entry.joins += 1
    if (key === null) {
      entry.counts[group]! += 1
      entry.tally[group]! += 1
      this.busiest.grew(entry)
      this.#mark(entry)
      return
    }
    entry.people ??= { byKey: new Map(), changed: new Set() }
    const person = entry.people.byKey.get(key)
    if (person === undefined) {
      const channels = zeroTotals(this.groups)
      channels[group] = 1
      entry.people.byKey.set(key, { channels, group })
      entry.tally[group]! += 1
      this.busiest.grew(entry)
      this.#mark(entry, key)
    } else {
      person.channels[group]! += 1
      if (group >= person.group) return
      entry.tally[person.group]! -= 1
      entry.tally[group]! += 1
      person.group = group
      this.#mark(entry, key)
    }
  }

  #remove(topic: Topic, { group, person: key }: TopicPresence): void {
    const entry = this.#topics.get(topic)
    if (entry === undefined) return
    if (key === null) {
      entry.counts[group]! -= 1
      entry.tally[group]! -= 1
      this.busiest.shrank(entry)
      this.#mark(entry)
      return
    }
    const person = entry.people?.byKey.get(key)
    if (person === undefined) return
    person.channels[group]! -= 1
    const lowest = person.channels.findIndex((count) => count > 0)
    if (lowest === person.group) return
    entry.tally[person.group]! -= 1
    if (lowest < 0) {
      entry.people?.byKey.delete(key)
      this.busiest.shrank(entry)
    } else {
      entry.tally[lowest]! += 1
      person.group = lowest
    }
    this.#mark(entry, key)
  }

  #topic(topic: Topic): TopicCounts {
    let entry = this.#topics.get(topic)
    if (entry === undefined) {
      const counts = zeroTotals(this.groups)
      entry = { topic, counts, people: undefined, tally: this.tallyOf(topic), joins: 0, level: undefined }
      this.#topics.set(topic, entry)
    }
    return entry
  }

  #mark(entry: TopicCounts, person?: PersonKey): void {
    if (person !== undefined) entry.people?.changed.add(person)
    this.#changed.add(entry)
    this.onChange()
  }
}

const none: readonly never[] = []

function takePeople(people: People | undefined): readonly PersonChange[] {
  if (people === undefined || people.changed.size === 0) return none
  const changes = [...people.changed].map((key) => ({ key, group: people.byKey.get(key)?.group ?? null }))
  people.changed.clear()
  return changes
}

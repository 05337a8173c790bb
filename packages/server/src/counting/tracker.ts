import { type Totals, zeroTotals } from '@headcount/protocol'
import type { PersonChange, PersonKey, Topic } from './engine.js'

/** What one channel adds to its topic. */
export interface Presence {
  /** Index of its group. */
  readonly group: number
  /** Who it is, where people are counted and it can be told; null counts for itself. */
  readonly person: PersonKey | null
  /** What it keeps when it signs in or out. */
  readonly device: PersonKey | null
}

/** What moved in one topic since it was last taken. */
export interface Move {
  readonly topic: Topic
  readonly counts: Totals
  readonly people: readonly PersonChange[]
}

interface Person {
  readonly key: PersonKey
  readonly topic: Held
  /** Open channels, by group. */
  readonly live: number[]
  /** The group that counts: the lowest live one, or the last one while held. */
  group: number
  device: PersonKey | null
  /** When grace ends, or null while a channel is open. */
  heldUntil: number | null
}

/** What this replica holds of one topic. */
interface Held {
  readonly topic: Topic
  readonly counts: number[]
  readonly people: Map<PersonKey, Person>
  /** Device -> the person that grace holds with it. */
  readonly heldBy: Map<PersonKey, Person>
  /** People whose standing is still to be said. */
  readonly moved: Set<PersonKey>
}

/**
 * The only place that knows what this replica holds. Pure state: time is passed in, nothing is called. Every act
 * is O(1) in the members of its topic.
 */
export class Tracker {
  readonly #groups: number
  readonly #topics = new Map<Topic, Held>()
  readonly #moved = new Set<Held>()
  /** Grace in ms -> the people it holds, the first to go first. */
  readonly #grace = new Map<number, Set<Person>>()

  constructor(groups: number) {
    this.#groups = groups
  }

  /** How many topics this replica holds anything of. */
  get size(): number {
    return this.#topics.size
  }

  /** What this replica holds of a topic, by group: people that grace holds included. */
  counts(topic: Topic): Totals {
    const held = this.#topics.get(topic)
    const totals = held === undefined ? zeroTotals(this.#groups) : [...held.counts]
    for (const person of held?.people.values() ?? []) totals[person.group]! += 1
    return totals
  }

  track(topic: Topic, presence: Presence): void {
    const held = this.#held(topic)
    if (presence.person === null) {
      held.counts[presence.group]! += 1
      this.#moved.add(held)
      return
    }
    this.#endOther(held, presence.person, presence.device)
    const person = this.#person(held, presence)
    person.live[presence.group]! += 1
    const group = lowest(person.live) ?? presence.group
    const known = person.heldUntil === null && liveCount(person) > 1
    if (known && group === person.group && presence.device === person.device) return
    this.#release(person)
    person.group = group
    person.device = presence.device
    this.#say(person)
  }

  /** @param grace for how many ms a person whose last channel this was is still held. */
  untrack(topic: Topic, presence: Presence, grace: number, now: number): void {
    const held = this.#topics.get(topic)
    if (held === undefined) return
    if (presence.person === null) {
      held.counts[presence.group]! -= 1
      this.#moved.add(held)
      return
    }
    const person = held.people.get(presence.person)
    if (person === undefined) return
    person.live[presence.group]! -= 1
    const group = lowest(person.live)
    if (group === person.group) return
    if (group !== undefined) person.group = group
    else if (grace > 0) this.#hold(person, presence.device, grace, now)
    else held.people.delete(person.key)
    this.#say(person)
  }

  /**
   * Lets go of those whose grace is over.
   * @returns when the next one's is, or undefined.
   */
  expire(now: number): number | undefined {
    let next: number | undefined
    for (const people of this.#grace.values()) {
      for (const person of people) {
        const until = person.heldUntil!
        if (until > now) {
          next = next === undefined ? until : Math.min(next, until)
          break
        }
        this.#end(person)
      }
    }
    return next
  }

  /** What moved since the last call. What this replica holds nothing of any more is forgotten here. */
  take(): Move[] {
    const moves: Move[] = []
    for (const held of this.#moved) {
      moves.push({
        topic: held.topic,
        counts: [...held.counts],
        people: [...held.moved].map((key) => standing(held, key)),
      })
      held.moved.clear()
      if (held.people.size === 0 && held.counts.every((count) => count === 0)) this.#topics.delete(held.topic)
    }
    this.#moved.clear()
    return moves
  }

  /** Takes back moves that could not be said: the next `take` says what holds by then. */
  untake(moves: readonly Move[]): void {
    for (const { topic, people } of moves) {
      const held = this.#held(topic)
      for (const { key } of people) held.moved.add(key)
      this.#moved.add(held)
    }
  }

  /** Marks all that this replica holds as moved: the cluster has forgotten it. */
  moveAll(): void {
    for (const held of this.#topics.values()) {
      for (const key of held.people.keys()) held.moved.add(key)
      this.#moved.add(held)
    }
  }

  #held(topic: Topic): Held {
    let held = this.#topics.get(topic)
    if (held === undefined) {
      held = {
        topic,
        counts: zeroTotals(this.#groups),
        people: new Map(),
        heldBy: new Map(),
        moved: new Set(),
      }
      this.#topics.set(topic, held)
    }
    return held
  }

  #person(held: Held, presence: Presence): Person {
    const key = presence.person!
    let person = held.people.get(key)
    if (person === undefined) {
      const live = zeroTotals(this.#groups)
      person = { key, topic: held, live, group: presence.group, device: presence.device, heldUntil: null }
      held.people.set(key, person)
    }
    return person
  }

  #say(person: Person): void {
    person.topic.moved.add(person.key)
    this.#moved.add(person.topic)
  }

  #hold(person: Person, device: PersonKey | null, grace: number, now: number): void {
    person.heldUntil = now + grace
    person.device = device
    if (device !== null) person.topic.heldBy.set(device, person)
    const people = this.#grace.get(grace)
    if (people === undefined) this.#grace.set(grace, new Set([person]))
    else people.add(person)
  }

  #release(person: Person): void {
    if (person.heldUntil === null) return
    person.heldUntil = null
    if (person.device !== null && person.topic.heldBy.get(person.device) === person) {
      person.topic.heldBy.delete(person.device)
    }
    for (const people of this.#grace.values()) people.delete(person)
  }

  #end(person: Person): void {
    this.#release(person)
    person.topic.people.delete(person.key)
    this.#say(person)
  }

  /** Somebody who has signed in or out is one person, not two: the one before is not held any longer. */
  #endOther(held: Held, arrived: PersonKey, device: PersonKey | null): void {
    const other = device === null ? undefined : held.heldBy.get(device)
    if (other !== undefined && other.key !== arrived) this.#end(other)
  }
}

function standing(held: Held, key: PersonKey): PersonChange {
  const person = held.people.get(key)
  if (person === undefined) return { key, group: null, held: false, device: null }
  return { key, group: person.group, held: person.heldUntil !== null, device: person.device }
}

function lowest(live: readonly number[]): number | undefined {
  const group = live.findIndex((count) => count > 0)
  return group < 0 ? undefined : group
}

function liveCount(person: Person): number {
  return person.live.reduce((sum, count) => sum + count, 0)
}

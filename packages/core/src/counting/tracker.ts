import { type Totals, zeroTotals } from '@headcount/protocol'
import type { PersonChange, PersonKey, Topic } from '../engine/engine.js'
import { type Held, liveCount, lowest, type People, type Person, peopleOf, takeMoved } from './topic-counts.js'

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
    for (const person of held?.people?.byKey.values() ?? []) totals[person.group]! += 1
    return totals
  }

  track(topic: Topic, presence: Presence): void {
    const held = this.#held(topic)
    if (presence.person === null) {
      held.counts[presence.group]! += 1
      this.#moved.add(held)
      return
    }
    this.#endOther(held.people, presence.person, presence.device)
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
    const person = held.people?.byKey.get(presence.person)
    if (person === undefined) return
    person.live[presence.group]! -= 1
    const group = lowest(person.live)
    if (group === person.group) return
    if (group !== undefined) person.group = group
    else if (grace > 0) this.#hold(person, presence.device, grace, now)
    else person.people.byKey.delete(person.key)
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

  /** Has the standing of somebody who is live said again. */
  repeat(topic: Topic, key: PersonKey): void {
    const person = this.#topics.get(topic)?.people?.byKey.get(key)
    if (person?.heldUntil === null) this.#say(person)
  }

  /** What moved since the last call. What this replica holds nothing of any more is forgotten here. */
  take(): Move[] {
    const moves: Move[] = []
    for (const held of this.#moved) {
      moves.push({
        topic: held.topic,
        counts: [...held.counts],
        people: takeMoved(held.people),
      })
      if (held.people?.byKey.size === 0) held.people = undefined
      if (held.people === undefined && held.counts.every((count) => count === 0)) this.#topics.delete(held.topic)
    }
    this.#moved.clear()
    return moves
  }

  /** Takes back moves that could not be said: the next `take` says what holds by then. */
  untake(moves: readonly Move[]): void {
    for (const { topic, people } of moves) {
      const held = this.#held(topic)
      for (const { key } of people) peopleOf(held).moved.add(key)
      this.#moved.add(held)
    }
  }

  /** Marks all that this replica holds as moved: the cluster has forgotten it. */
  moveAll(): void {
    for (const held of this.#topics.values()) {
      for (const key of held.people?.byKey.keys() ?? []) held.people?.moved.add(key)
      this.#moved.add(held)
    }
  }

  #held(topic: Topic): Held {
    let held = this.#topics.get(topic)
    if (held === undefined) {
      held = { topic, counts: zeroTotals(this.#groups), people: undefined }
      this.#topics.set(topic, held)
    }
    return held
  }

  #person(held: Held, presence: Presence): Person {
    const key = presence.person!
    const { group, device } = presence
    const people = peopleOf(held)
    let person = people.byKey.get(key)
    if (person === undefined) {
      const live = zeroTotals(this.#groups)
      person = { key, topic: held, people, live, group, device, heldUntil: null }
      people.byKey.set(key, person)
    }
    return person
  }

  #say(person: Person): void {
    person.people.moved.add(person.key)
    this.#moved.add(person.topic)
  }

  #hold(person: Person, device: PersonKey | null, grace: number, now: number): void {
    person.heldUntil = now + grace
    person.device = device
    if (device !== null) person.people.heldBy.set(device, person)
    const people = this.#grace.get(grace)
    if (people === undefined) this.#grace.set(grace, new Set([person]))
    else people.add(person)
  }

  #release(person: Person): void {
    if (person.heldUntil === null) return
    person.heldUntil = null
    if (person.device !== null && person.people.heldBy.get(person.device) === person) {
      person.people.heldBy.delete(person.device)
    }
    for (const people of this.#grace.values()) people.delete(person)
  }

  #end(person: Person): void {
    this.#release(person)
    person.people.byKey.delete(person.key)
    this.#say(person)
  }

  /** Somebody who has signed in or out is one person, not two: the one before is not held any longer. */
  #endOther(people: People | undefined, arrived: PersonKey, device: PersonKey | null): void {
    const other = device === null ? undefined : people?.heldBy.get(device)
    if (other !== undefined && other.key !== arrived) this.#end(other)
  }
}

import type { PersonChange, PersonKey, Topic } from '../engine/engine.js'

/** What this replica holds of one topic. */
export interface Held {
  readonly topic: Topic
  /** Connections, by group. */
  readonly counts: number[]
  /** Whom it holds by key: nobody, and no room for anybody, where only connections are counted. */
  people: People | undefined
}

export interface People {
  readonly byKey: Map<PersonKey, Person>
  /** Device -> the person that grace holds with it. */
  readonly heldBy: Map<PersonKey, Person>
  /** People whose standing is still to be said. */
  readonly moved: Set<PersonKey>
}

export interface Person {
  readonly key: PersonKey
  readonly topic: Held
  readonly people: People
  /** Open channels, by group. */
  readonly live: number[]
  /** The group that counts: the lowest live one, or the last one while held. */
  group: number
  device: PersonKey | null
  /** When grace ends, or null while a channel is open. */
  heldUntil: number | null
}

/** The people of a topic, with room for some. */
export function peopleOf(held: Held): People {
  held.people ??= { byKey: new Map(), heldBy: new Map(), moved: new Set() }
  return held.people
}

const nobody: readonly PersonChange[] = []

/** The standings that are still to be said; they are taken as said. */
export function takeMoved(people: People | undefined): readonly PersonChange[] {
  if (people === undefined || people.moved.size === 0) return nobody
  const moved = [...people.moved].map((key) => standing(people.byKey.get(key), key))
  people.moved.clear()
  return moved
}

function standing(person: Person | undefined, key: PersonKey): PersonChange {
  if (person === undefined) return { key, group: null, held: false, device: null }
  return { key, group: person.group, held: person.heldUntil !== null, device: person.device }
}

/** The lowest group in which a channel is open. */
export function lowest(live: readonly number[]): number | undefined {
  const group = live.findIndex((count) => count > 0)
  return group < 0 ? undefined : group
}

export function liveCount(person: Person): number {
  return person.live.reduce((sum, count) => sum + count, 0)
}

import type { PersonChange, PersonKey, ReplicaId } from './engine.js'

/**
 * The rule of people: a person counts once, in the lowest group in which some replica has them.
 * @param groups the person's group on each replica that has them.
 * @returns undefined if no replica has the person.
 */
function countedGroup(groups: Iterable<number>): number | undefined {
  let lowest: number | undefined
  for (const group of groups) if (lowest === undefined || group < lowest) lowest = group
  return lowest
}

/** The people of one topic, on every replica. Pure state for any engine that sees all rows. */
export class People {
  readonly #groups = new Map<PersonKey, Map<ReplicaId, number>>()

  get size(): number {
    return this.#groups.size
  }

  /** The number of people of each replica. */
  get sizes(): Map<ReplicaId, number> {
    const sizes = new Map<ReplicaId, number>()
    for (const groups of this.#groups.values()) {
      for (const replica of groups.keys()) sizes.set(replica, (sizes.get(replica) ?? 0) + 1)
    }
    return sizes
  }

  /** Records a person's group on one replica and adjusts `totals` by the difference it makes. */
  set(replica: ReplicaId, { key, group }: PersonChange, totals: number[]): void {
    const groups = this.#groups.get(key) ?? new Map<ReplicaId, number>()
    const before = countedGroup(groups.values())
    if (group === null) groups.delete(replica)
    else groups.set(replica, group)
    const after = countedGroup(groups.values())
    if (before !== undefined) totals[before]! -= 1
    if (after !== undefined) totals[after]! += 1
    if (groups.size > 0) this.#groups.set(key, groups)
    else this.#groups.delete(key)
  }

  /** Removes a replica and adjusts `totals`. */
  remove(replica: ReplicaId, totals: number[]): void {
    for (const [key, groups] of this.#groups) {
      if (groups.has(replica)) this.set(replica, { key, group: null }, totals)
    }
  }
}

import type { Change, PersonChange, PersonKey, Topic } from '@headcount/core'
import { type Totals, zeroTotals } from '@headcount/protocol'

/** One standing: who, and on which replica. */
interface Standing {
  readonly replica: string
  readonly person: PersonChange
}

/** What a cluster promises, in the plainest way: lists, and sums over them. */
export class Model {
  readonly #counts = new Map<Topic, Map<string, Totals>>()
  readonly #standings = new Map<Topic, Standing[]>()
  readonly #groups: number

  constructor(groups = 2) {
    this.#groups = groups
  }

  commit(replica: string, changes: readonly Change[]): void {
    for (const { topic, counts, people } of changes) {
      const rows = this.#counts.get(topic) ?? new Map<string, Totals>()
      this.#counts.set(topic, rows.set(replica, counts))
      for (const person of people) this.#place(topic, replica, person)
    }
  }

  forget(replica: string): void {
    for (const rows of this.#counts.values()) rows.delete(replica)
    for (const [topic, standings] of this.#standings) {
      this.#standings.set(
        topic,
        standings.filter((standing) => standing.replica !== replica),
      )
    }
  }

  totals(topic: Topic): number[] {
    const totals = zeroTotals(this.#groups)
    for (const counts of this.#counts.get(topic)?.values() ?? []) {
      for (let g = 0; g < this.#groups; g++) totals[g]! += counts[g] ?? 0
    }
    const standings = this.#standings.get(topic) ?? []
    for (const key of new Set(standings.map(({ person }) => person.key))) totals[groupOf(standings, key)]! += 1
    return totals
  }

  #place(topic: Topic, replica: string, person: PersonChange): void {
    const others = (this.#standings.get(topic) ?? []).filter(
      (standing) => standing.replica !== replica || standing.person.key !== person.key,
    )
    if (person.group !== null) others.push({ replica, person })
    this.#standings.set(topic, others)
  }
}

/** The lowest group in which some replica has the person. */
function groupOf(standings: readonly Standing[], key: PersonKey): number {
  return Math.min(...standings.flatMap(({ person }) => (person.key === key ? [person.group!] : [])))
}

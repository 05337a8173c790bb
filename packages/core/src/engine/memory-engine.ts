import { type Totals, zeroTotals } from '@headcount/protocol'
import type { Change, Engine, Moved, PersonChange, PersonKey, ReplicaId, Topic } from './engine.js'

/** One topic as the cluster knows it. */
interface Row {
  totals: number[]
  /** Replica -> what it holds, by group. */
  readonly counts: Map<ReplicaId, Totals>
  /** Nobody, and no room for anybody, where only connections are counted. */
  people: People | undefined
  readonly watchers: Set<ReplicaId>
}

interface People {
  /** Person -> replica -> where the person stands there. */
  readonly standings: Map<PersonKey, Map<ReplicaId, PersonChange>>
  /** Device -> the standings that only grace holds with it. */
  readonly heldBy: Map<PersonKey, Set<PersonChange>>
}

/**
 * A cluster in this process's memory: every engine made on it is one replica. A server without Redis is the only
 * replica of its own.
 */
export class MemoryCluster {
  readonly #topics = new Map<Topic, Row>()
  readonly #replicas = new Map<ReplicaId, Moved>()
  readonly #groups: number

  /** @param groups how many groups a topic has. */
  constructor(groups = 2) {
    this.#groups = groups
  }

  /** How many topics the cluster holds anything of. */
  get size(): number {
    return this.#topics.size
  }

  engine(): Engine {
    let self: ReplicaId | undefined
    const me = (): ReplicaId => {
      if (self === undefined) throw new Error('expected an open engine, got one that is closed or was never opened')
      return self
    }
    return {
      open: async (replica, moved) => {
        self = replica
        this.#replicas.set(replica, moved)
      },
      watch: async (topic) => {
        const row = this.#row(topic)
        row.watchers.add(me())
        return [...row.totals]
      },
      unwatch: async (topic) => {
        const row = this.#topics.get(topic)
        if (row?.watchers.delete(me())) this.#tidy(topic, row)
      },
      read: async (topics) => topics.map((topic) => [...(this.#topics.get(topic)?.totals ?? this.#zeros())]),
      commit: async (changes) => {
        const known = this.#replicas.has(me())
        if (known) for (const change of changes) this.#commit(me(), change)
        return known ? 'kept' : 'lost'
      },
      close: async () => {
        if (self !== undefined) this.forget(self)
        self = undefined
      },
    }
  }

  /** Forgets a replica whole, as when its lease lapses. */
  forget(replica: ReplicaId): void {
    this.#replicas.delete(replica)
    for (const [topic, row] of this.#topics) {
      row.watchers.delete(replica)
      const before = [...row.totals]
      this.#setCounts(row, replica, this.#zeros())
      for (const [key, standings] of row.people?.standings ?? []) {
        if (standings.has(replica)) this.#setPerson(row, replica, { key, group: null, held: false, device: null })
      }
      this.#tell(topic, row, before)
      this.#tidy(topic, row)
    }
  }

  #commit(replica: ReplicaId, change: Change): void {
    const row = this.#row(change.topic)
    const before = [...row.totals]
    this.#setCounts(row, replica, change.counts)
    for (const person of change.people) this.#setPerson(row, replica, person)
    this.#tell(change.topic, row, before)
    this.#tidy(change.topic, row)
  }

  #setCounts(row: Row, replica: ReplicaId, counts: Totals): void {
    const before = row.counts.get(replica)
    for (let g = 0; g < this.#groups; g++) row.totals[g]! += (counts[g] ?? 0) - (before?.[g] ?? 0)
    if (counts.some((count) => count > 0)) row.counts.set(replica, counts)
    else row.counts.delete(replica)
  }

  #setPerson(row: Row, replica: ReplicaId, person: PersonChange): void {
    row.people ??= { standings: new Map(), heldBy: new Map() }
    const { people } = row
    const standings = people.standings.get(person.key) ?? new Map<ReplicaId, PersonChange>()
    this.#count(row, standings, -1)
    unhold(people, standings.get(replica))
    if (person.group === null) standings.delete(replica)
    else standings.set(replica, person)
    hold(people, person)
    this.#count(row, standings, +1)
    if (standings.size > 0) people.standings.set(person.key, standings)
    else people.standings.delete(person.key)
    if (person.group !== null && !person.held) this.#endHeld(row, people, person)
  }

  /** The person has come back as somebody else: what grace holds of the one before is over. */
  #endHeld(row: Row, people: People, arrived: PersonChange): void {
    const held = arrived.device === null ? undefined : people.heldBy.get(arrived.device)
    for (const standing of held ?? []) {
      if (standing.key === arrived.key) continue
      for (const [replica, other] of people.standings.get(standing.key) ?? []) {
        if (other === standing) this.#setPerson(row, replica, { ...other, group: null, held: false })
      }
    }
  }

  #count(row: Row, standings: Map<ReplicaId, PersonChange>, sign: 1 | -1): void {
    const group = groupOf(standings.values())
    if (group !== undefined) row.totals[group]! += sign
  }

  #tell(topic: Topic, row: Row, before: Totals): void {
    if (row.totals.every((count, g) => count === before[g])) return
    for (const watcher of row.watchers) this.#replicas.get(watcher)?.(topic, [...row.totals])
  }

  #row(topic: Topic): Row {
    let row = this.#topics.get(topic)
    if (row === undefined) {
      row = {
        totals: this.#zeros(),
        counts: new Map(),
        people: undefined,
        watchers: new Set(),
      }
      this.#topics.set(topic, row)
    }
    return row
  }

  #tidy(topic: Topic, row: Row): void {
    if (row.people?.standings.size === 0) row.people = undefined
    if (row.counts.size === 0 && row.people === undefined && row.watchers.size === 0) this.#topics.delete(topic)
  }

  #zeros(): number[] {
    return zeroTotals(this.#groups)
  }
}

function hold({ heldBy }: People, standing: PersonChange): void {
  if (!standing.held || standing.device === null) return
  const held = heldBy.get(standing.device)
  if (held === undefined) heldBy.set(standing.device, new Set([standing]))
  else held.add(standing)
}

function unhold({ heldBy }: People, standing: PersonChange | undefined): void {
  if (!standing?.held || standing.device === null) return
  const held = heldBy.get(standing.device)
  held?.delete(standing)
  if (held?.size === 0) heldBy.delete(standing.device)
}

/** The group in which a person counts: the lowest where it is live, else the lowest where grace holds it. */
function groupOf(standings: Iterable<PersonChange>): number | undefined {
  let live: number | undefined
  let held: number | undefined
  for (const { group, held: isHeld } of standings) {
    if (group === null) continue
    if (isHeld) held = held === undefined ? group : Math.min(held, group)
    else live = live === undefined ? group : Math.min(live, group)
  }
  return live ?? held
}

/** The engine of one process on its own. */
export function memoryEngine(groups = 2): Engine {
  return new MemoryCluster(groups).engine()
}

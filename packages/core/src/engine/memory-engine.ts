import { sameTotals, type Totals, zeroTotals } from '@headcount/protocol'
import { type Clock, systemClock } from '../runtime/clock.js'
import { HeadcountError } from '../runtime/errors.js'
import type { Change, Engine, EngineOptions, ReplicaId, ReplicaLease, Topic, TopicRows } from './engine.js'
import { HistoryStore } from './history-store.js'
import { People } from './people.js'
import { TransitionLog } from './transition-log.js'
import type { TransitionReceiver, Transitions } from './transitions.js'

/** One topic of the cluster. */
interface Row {
  readonly totals: number[]
  /** Replica -> its connections, by group. */
  readonly counts: Map<ReplicaId, Totals>
  /** Undefined, to save memory, while the topic has no people. */
  people: People | undefined
  readonly watchers: Set<ReplicaId>
}

/** A cluster in the memory of this process. Every engine that it makes is one replica. */
export class MemoryCluster {
  readonly #topics = new Map<Topic, Row>()
  readonly #replicas = new Map<ReplicaId, EngineOptions>()
  /** When each replica committed last. */
  readonly #renewedAt = new Map<ReplicaId, number>()
  /** The number of groups, fixed by the first replica. */
  #groups: number | undefined
  #transitions: TransitionLog | undefined
  /** Undefined while no replica records any. */
  #histories: HistoryStore | undefined

  /** @param clock for the age of leases, histories and transitions. */
  constructor(private readonly clock: Clock = systemClock) {}

  /** The number of topics with rows or watchers. */
  get size(): number {
    return this.#topics.size
  }

  /** Created by `recordTransitions`; undefined before it. */
  get transitions(): Transitions | undefined {
    return this.#transitions
  }

  /** Records the transitions of topics past their levels from now on. Later calls do nothing. */
  recordTransitions(levels: TransitionReceiver['levels']): void {
    this.#transitions ??= new TransitionLog(levels, this.clock)
  }

  /** Returns a new engine: one replica of this cluster. The lease is not enforced here; see `expire`. */
  engine(): Engine {
    let self: ReplicaId | undefined
    const cluster = this
    const id = (): ReplicaId => {
      if (self === undefined) throw new HeadcountError('closed', 'the engine is closed, or was never opened')
      return self
    }
    return {
      open: async (replica, options) => {
        if (self !== undefined) throw bad('engine: expected one for each server, got one that is already open')
        this.#groups ??= options.groups
        if (options.groups !== this.#groups)
          throw bad(`groups: expected ${this.#groups}, as in the rest of the cluster, got ${options.groups}`)
        self = replica
        this.#replicas.set(replica, options)
        this.#renewedAt.set(replica, this.clock.now())
        if (options.history !== undefined) this.#histories ??= new HistoryStore(options.history.topics)
        if (options.levels !== undefined) this.recordTransitions(options.levels)
      },
      get transitions() {
        return cluster.transitions
      },
      watch: async (topic) => {
        const row = this.#row(topic)
        row.watchers.add(id())
        return [...row.totals]
      },
      unwatch: async (topic) => {
        const row = this.#topics.get(topic)
        if (row?.watchers.delete(id())) this.#deleteIfEmpty(topic, row)
      },
      read: async (topics) => topics.map((topic) => [...(this.#topics.get(topic)?.totals ?? this.#zeros())]),
      commit: async (changes) => {
        const known = this.#replicas.has(id())
        if (known) this.#renewedAt.set(id(), this.clock.now())
        if (known) for (const change of changes) this.#commit(id(), change)
        return known ? 'kept' : 'lost'
      },
      relay: {
        send: async (to, text) => {
          const receiver = this.#replicas.get(to)
          receiver?.received?.(text)
          return receiver !== undefined
        },
      },
      close: async () => {
        if (self !== undefined) this.expire(self)
        self = undefined
      },
      replicas: {
        list: async () => {
          id()
          return [...this.#replicas.keys()].map((replica) => this.#leaseOf(replica))
        },
        rows: async (topic) => {
          id()
          return this.#rowsOf(topic)
        },
      },
      history: {
        read: async (topic) => {
          id()
          return this.#histories?.read(topic, this.#time) ?? { now: this.#time, state: undefined, minutes: [] }
        },
      },
    }
  }

  /** Removes a replica with all its presences, as when its lease expires. Its next commit returns `'lost'`. */
  expire(replica: ReplicaId): void {
    const options = this.#replicas.get(replica)
    this.#replicas.delete(replica)
    this.#renewedAt.delete(replica)
    for (const [topic, row] of this.#topics) {
      row.watchers.delete(replica)
      const before = [...row.totals]
      this.#setCounts(row, replica, this.#zeros())
      row.people?.remove(replica, row.totals)
      this.#changed(topic, row, before, options)
      this.#deleteIfEmpty(topic, row)
    }
  }

  #leaseOf(replica: ReplicaId): ReplicaLease {
    return { replica, leaseAge: this.clock.now() - this.#renewedAt.get(replica)! }
  }

  #rowsOf(topic: Topic): TopicRows {
    const row = this.#topics.get(topic)
    if (row === undefined) return { totals: this.#zeros(), rows: [] }
    const people = row.people?.sizes ?? new Map<ReplicaId, number>()
    const rows = [...new Set([...row.counts.keys(), ...people.keys()])].map((replica) => ({
      ...this.#leaseOf(replica),
      counts: [...(row.counts.get(replica) ?? this.#zeros())],
      people: people.get(replica) ?? 0,
    }))
    return { totals: [...row.totals], rows }
  }

  #commit(replica: ReplicaId, { topic, counts, people }: Change): void {
    const row = this.#row(topic)
    const before = [...row.totals]
    this.#setCounts(row, replica, counts)
    for (const person of people) {
      row.people ??= new People()
      row.people.set(replica, person, row.totals)
    }
    this.#changed(topic, row, before, this.#replicas.get(replica))
    this.#deleteIfEmpty(topic, row)
  }

  #setCounts(row: Row, replica: ReplicaId, counts: Totals): void {
    const before = row.counts.get(replica)
    for (let g = 0; g < row.totals.length; g++) row.totals[g]! += (counts[g] ?? 0) - (before?.[g] ?? 0)
    if (counts.some((count) => count > 0)) row.counts.set(replica, counts)
    else row.counts.delete(replica)
  }

  /** Records and reports the totals, if they changed. @param options of the replica that changed its row. */
  #changed(topic: Topic, row: Row, before: Totals, options: EngineOptions | undefined): void {
    if (sameTotals(row.totals, before)) return
    this.#transitions?.changed(topic, row.totals)
    if (options?.history?.records(topic)) this.#histories?.record(topic, before, [...row.totals], this.#time)
    for (const watcher of row.watchers) this.#replicas.get(watcher)?.changed(topic, [...row.totals])
  }

  #row(topic: Topic): Row {
    let row = this.#topics.get(topic)
    if (row === undefined) {
      row = { totals: this.#zeros(), counts: new Map(), people: undefined, watchers: new Set() }
      this.#topics.set(topic, row)
    }
    return row
  }

  #deleteIfEmpty(topic: Topic, row: Row): void {
    if (row.people?.size === 0) row.people = undefined
    if (row.counts.size === 0 && row.people === undefined && row.watchers.size === 0) this.#topics.delete(topic)
  }

  /** In whole ms since 1970. */
  get #time(): number {
    return Math.floor(this.clock.now() + this.clock.origin)
  }

  #zeros(): number[] {
    return zeroTotals(this.#groups ?? 0)
  }
}

const bad = (message: string) => new HeadcountError('bad_option', message)

/** The engine of a standalone server: the only replica of its cluster. */
export function memoryEngine(): Engine {
  return new MemoryCluster().engine()
}

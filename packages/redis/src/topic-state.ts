import type { Change, PersonKey, Topic } from '@headcount/core'
import { sameTotals, type Totals, zeroTotals } from '@headcount/protocol'
import type { Watch } from './watch.js'

/** One topic as this replica knows it: the newest totals of the cluster, and what this replica has in it. */
export class TopicState {
  watch: Watch | undefined
  /** When this replica must publish the topic, unless another one does before; infinite where it need not. */
  publishAt = Number.POSITIVE_INFINITY
  /** When the cluster last acknowledged a commit of the topic. */
  acknowledgedAt = Number.NEGATIVE_INFINITY
  /** When a commit last extended the life of the topic's key. */
  refreshedAt = Number.NEGATIVE_INFINITY
  #version = 0
  #totals: Totals
  #interval = 50
  /** This replica's connections, and each person's group. */
  #counts: Totals
  readonly #people = new Map<PersonKey, number>()
  /** Connections and people of this replica, by group; of these, what the totals include; what a sent commit held. */
  readonly #own: number[]
  #included: Totals
  #sent: Totals | undefined
  /** The people whose changes are not acknowledged. Undefined where everything is. */
  #pending: Set<PersonKey> | undefined

  constructor(
    readonly name: Topic,
    groups: number,
  ) {
    this.#totals = zeroTotals(groups)
    this.#counts = zeroTotals(groups)
    this.#own = zeroTotals(groups)
    this.#included = zeroTotals(groups)
  }

  get version(): number {
    return this.#version
  }

  /** The cluster's totals, plus changes of this replica that a failed commit left pending. */
  get totals(): Totals {
    if (this.#pending === undefined) return this.#totals
    return this.#totals.map((count, g) => Math.max(0, count + this.#own[g]! - this.#included[g]!))
  }

  /** Whether the topic is watched or must be published, or the cluster may have anything of this replica. */
  get used(): boolean {
    const awaited = this.watch !== undefined || this.publishAt < Number.POSITIVE_INFINITY || this.#pending !== undefined
    return awaited || this.#own.some((count) => count > 0)
  }

  /** How many people the cluster has of this replica; -1 where that is uncertain. */
  get expectedPeople(): number {
    return this.#pending === undefined ? this.#people.size : -1
  }

  /** What to commit: this replica's connections, and the people that are pending. */
  get change(): Change {
    const people = [...(this.#pending ?? [])].map((key) => ({ key, group: this.#people.get(key) ?? null }))
    return { topic: this.name, counts: this.#counts, people, interval: this.#interval }
  }

  /** Passes the totals on to the watch, if there is one. */
  report(): void {
    this.watch?.report(this.totals)
  }

  /**
   * Takes the cluster's totals, unless newer ones are known.
   * @param known the version that was known when the totals were requested. An older answer then means that Redis lost
   * the newer versions (a restart, a failover, a clock that was set back), so it is taken.
   */
  receive(version: number, totals: Totals, known?: number): void {
    if (version <= this.#version && !(known !== undefined && version < known)) return
    this.#version = version
    this.#totals = totals
    // A newer version most likely includes a commit that was not answered: better late than counted twice.
    this.#included = this.#sent ?? this.#included
    this.#sent = undefined
  }

  /** The cluster acknowledged a change. */
  acknowledge(change: Change): void {
    this.#apply(change)
    this.#pending = undefined
    this.#included = [...this.#own]
    this.#sent = undefined
  }

  /**
   * A commit of a change failed.
   * @param known the version that was known when it was sent; undefined where it was not sent.
   */
  fail(change: Change, known?: number): void {
    const { counts, people } = change
    if (this.#pending === undefined && people.length === 0 && sameTotals(counts, this.#counts)) return
    this.#apply(change)
    this.#pending ??= new Set()
    for (const { key } of people) this.#pending.add(key)
    if (known === undefined) return
    if (this.#version > known) this.#included = [...this.#own]
    else this.#sent = [...this.#own]
  }

  /** The cluster has nothing of this replica any more: all of it is pending. */
  lose(): void {
    this.acknowledgedAt = Number.NEGATIVE_INFINITY
    this.refreshedAt = Number.NEGATIVE_INFINITY
    if (this.#own.some((count) => count > 0)) this.#pending = new Set(this.#people.keys())
  }

  #apply({ counts, people, interval }: Change): void {
    this.#interval = interval
    counts.forEach((count, g) => {
      this.#own[g]! += count - this.#counts[g]!
    })
    this.#counts = counts
    for (const { key, group } of people) {
      const before = this.#people.get(key)
      if (before !== undefined) this.#own[before]! -= 1
      if (group === null) this.#people.delete(key)
      else this.#people.set(key, group)
      if (group !== null) this.#own[group]! += 1
    }
  }
}

export function getOrAddTopic(topics: Map<Topic, TopicState>, name: Topic, groups: number): TopicState {
  const topic = topics.get(name) ?? new TopicState(name, groups)
  topics.set(name, topic)
  return topic
}

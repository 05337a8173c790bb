import type { Change, PersonKey, Topic } from '@headcount/core'
import { sameTotals, type Totals, zeroTotals } from '@headcount/protocol'
import { PublishTime } from './publish-time.js'
import type { Watch } from './watch.js'

/** One topic on this replica: the newest totals of the cluster, and this replica's own presences. */
export class TopicState {
  watch: Watch | undefined
  /** When this replica must publish the topic, unless another one does so before; infinite if it need not. */
  publishAt = Number.POSITIVE_INFINITY
  /** When the cluster last acknowledged a commit of the topic. */
  acknowledgedAt = Number.NEGATIVE_INFINITY
  /** When a commit last extended the life of the topic's key. */
  refreshedAt = Number.NEGATIVE_INFINITY
  readonly publishTime = new PublishTime()
  #version = 0
  #totals: Totals
  #interval = 50
  /** This replica's connections, and each person's group. */
  #counts: Totals
  readonly #people = new Map<PersonKey, number>()
  /** Connections and people of this replica, by group. */
  #own: Totals
  /** How many of these the totals include: exact after a read, otherwise an upper bound. */
  #included: Totals
  #isExact = false
  /** The maximum of commits without an answer. Newer totals may include it. */
  #sent: Totals | undefined
  /** While a commit is in flight: the connections and all presences of this replica before and after it. */
  #certain: { readonly counts: Totals; readonly own: Totals } | undefined
  /**
   * The people with unacknowledged changes, and the group that each has in the cluster, as far as known; null for none.
   * Undefined if every change is acknowledged.
   */
  #pending: Map<PersonKey, number | null> | undefined

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

  /**
   * The cluster's totals, plus changes of this replica that they do not include: never above the known maximum and
   * never below this replica's own, even if answers were lost, refused, late or repeated.
   */
  get totals(): Totals {
    const adjusts = this.#pending !== undefined || this.#isExact
    const totals = adjusts ? this.#totals.map((count, g) => count + this.#own[g]! - this.#included[g]!) : this.#totals
    const { counts, own } = this.#certain ?? { counts: this.#counts, own: this.#own }
    return atLeast(totals, counts, own)
  }

  /** Whether the topic is watched or must be published, or the cluster may have presences of this replica. */
  get used(): boolean {
    const awaited = this.watch !== undefined || this.publishAt < Number.POSITIVE_INFINITY || this.#pending !== undefined
    return awaited || this.#own.some((count) => count > 0)
  }

  /** How many people of this replica the cluster has; -1 if that is uncertain. */
  get expectedPeople(): number {
    return this.#pending === undefined ? this.#people.size : -1
  }

  /** The next commit if nothing changes: this replica's connections, and the pending people. */
  get change(): Change {
    return this.withPending({ topic: this.name, counts: this.#counts, people: [], interval: this.#interval })
  }

  /** A change, together with the people that are pending. */
  withPending(change: Change): Change {
    if (this.#pending === undefined) return change
    const groups = new Map([...this.#pending.keys()].map((key) => [key, this.#people.get(key) ?? null]))
    for (const { key, group } of change.people) groups.set(key, group)
    return { ...change, people: [...groups].map(([key, group]) => ({ key, group })) }
  }

  /** Passes the totals to the watch, if there is one. */
  report(): void {
    this.watch?.report(this.totals)
  }

  /**
   * Applies the cluster's totals, unless newer ones are known.
   * @param known the version that was known when the totals were requested. An older answer then means that Redis lost
   * the newer versions (a restart, a failover, a clock that was set back), so it is applied.
   * @param row this replica's part of the totals, if known.
   */
  receive(version: number, totals: Totals, known?: number, row?: Totals): void {
    const isLost = known !== undefined && version < known
    if (version < this.#version && !isLost) return
    if (version === this.#version && row === undefined) return
    this.#version = version
    this.#totals = totals
    this.#isExact = row !== undefined
    if (row !== undefined) this.#included = row
    else if (this.#pending !== undefined) this.#includeSent()
  }

  /** A change is sent to the cluster. */
  send(change: Change): void {
    const own = this.#ownAfter(change)
    this.#sent = this.#sent === undefined ? own : highest(this.#sent, own)
    // The cluster's totals may include it before it is acknowledged.
    this.#certain = { counts: lowest(this.#counts, change.counts), own: lowest(this.#own, own) }
  }

  /** A change is acknowledged: one with all pending people, or the next part of it. */
  acknowledge(change: Change): void {
    this.#apply(change)
    for (const { key } of change.people) this.#pending?.delete(key)
    if (this.#pending?.size === 0) this.#pending = undefined
    this.#included = this.#acknowledged
    this.#isExact = false
    this.#sent = undefined
  }

  /**
   * A commit of a change failed.
   * @param known the last known version when it was sent; undefined if it was not sent.
   */
  fail(change: Change, known?: number): void {
    const { counts, people } = change
    if (this.#pending === undefined && people.length === 0 && sameTotals(counts, this.#counts)) return
    if (known !== undefined) this.send(change)
    this.#pending ??= new Map()
    for (const { key } of people) {
      if (!this.#pending.has(key)) this.#pending.set(key, this.#people.get(key) ?? null)
    }
    this.#apply(change)
    if (known !== undefined && this.#version > known && !this.#isExact) this.#includeSent()
  }

  /** The cluster no longer has any presences of this replica: all of them are pending. */
  lose(): void {
    this.acknowledgedAt = Number.NEGATIVE_INFINITY
    this.refreshedAt = Number.NEGATIVE_INFINITY
    this.#pending = new Map([...this.#people.keys()].map((key) => [key, null]))
  }

  /** This replica's presences in the cluster, as far as they are acknowledged. */
  get #acknowledged(): Totals {
    if (this.#pending === undefined) return this.#own
    const totals = [...this.#own]
    for (const [key, group] of this.#pending) {
      const now = this.#people.get(key)
      if (now !== undefined) totals[now]! -= 1
      if (group !== null) totals[group]! += 1
    }
    return totals
  }

  /** The totals may include commits without an answer: better too low for a moment than counted twice. */
  #includeSent(): void {
    if (this.#sent !== undefined) this.#included = highest(this.#included, this.#sent)
  }

  #apply(change: Change): void {
    this.#own = this.#ownAfter(change)
    this.#certain = undefined
    this.#interval = change.interval
    this.#counts = change.counts
    for (const { key, group } of change.people) {
      if (group === null) this.#people.delete(key)
      else this.#people.set(key, group)
    }
  }

  #ownAfter({ counts, people }: Change): Totals {
    const own = this.#own.map((count, g) => count + counts[g]! - this.#counts[g]!)
    for (const { key, group } of people) {
      const before = this.#people.get(key)
      if (before !== undefined) own[before]! -= 1
      if (group !== null) own[group]! += 1
    }
    return own
  }
}

function lowest(a: Totals, b: Totals): Totals {
  return a.map((count, g) => Math.min(count, b[g]!))
}

function highest(a: Totals, b: Totals): Totals {
  return a.map((count, g) => Math.max(count, b[g]!))
}

/**
 * Raises totals to this replica's own. A person may count in a lower group than here, because of another replica, so
 * people are compared by the sums of all groups up to each one.
 */
function atLeast(totals: Totals, connections: Totals, own: Totals): Totals {
  /** By how much this replica's sum up to this group exceeds that of the totals. */
  let missing = 0
  return totals.map((count, g) => {
    const connected = Math.max(count, connections[g]!)
    missing += own[g]! - connected
    const raised = connected + Math.max(0, missing)
    missing = Math.min(0, missing)
    return raised
  })
}

export function getOrAddTopic(topics: Map<Topic, TopicState>, name: Topic, groups: number): TopicState {
  const topic = topics.get(name) ?? new TopicState(name, groups)
  topics.set(name, topic)
  return topic
}

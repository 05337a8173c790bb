import type { Change, PersonChange, PersonKey, Topic } from '@headcount/core'
import { type Totals, zeroTotals } from '@headcount/protocol'

/** What this replica holds of a topic. */
interface Holding {
  counts: Totals
  readonly people: Map<PersonKey, PersonChange>
}

/** What this replica knows of one topic, and has said of it. Pure state. */
export class TopicState {
  watched = false
  /** What the watcher was told last; undefined until `watch` has answered. */
  told: Totals | undefined
  /** Each ends the wait of one `watch`. */
  readonly waiting = new Set<() => void>()
  /** The flush interval said last, in ms. */
  interval = 50
  /** When the cluster last answered for it. */
  confirmedAt = Number.NEGATIVE_INFINITY
  /** When this replica last let the topic's key live on. */
  refreshedAt = Number.NEGATIVE_INFINITY
  /** The newest version that came as a message: all are told of it. */
  published = 0
  #version = 0
  #totals: Totals
  readonly #groups: number
  /** What the cluster has taken from us. */
  readonly #kept: Holding
  /** What it could not be told, and will be. */
  #unsaid: Holding | undefined
  /** What of that is certainly not among the totals, by group, and what may be: it was sent, and not answered. */
  #apart: number[]
  #doubtful: number[]

  constructor(
    readonly name: Topic,
    groups: number,
  ) {
    this.#groups = groups
    this.#totals = zeroTotals(groups)
    this.#kept = { counts: zeroTotals(groups), people: new Map() }
    this.#apart = zeroTotals(groups)
    this.#doubtful = zeroTotals(groups)
  }

  get version(): number {
    return this.#version
  }

  /** What the cluster has taken from us, by group. */
  get counts(): Totals {
    return this.#kept.counts
  }

  /** Whether somebody must be among the cluster's people because of us: whom grace holds, others may have ended. */
  get live(): boolean {
    return this.#kept.people.size > 0
  }

  get unsaid(): boolean {
    return this.#unsaid !== undefined
  }

  /** Whether the cluster may hold anything of us. */
  get held(): boolean {
    return this.#unsaid !== undefined || holds(this.#kept)
  }

  /** Ends the wait of every `watch`. */
  answer(): void {
    for (const resolve of this.waiting) resolve()
    this.waiting.clear()
  }

  /** Whether anything depends on this topic. */
  get needed(): boolean {
    return this.watched || this.held
  }

  /**
   * Takes the cluster's totals, unless something newer is known already.
   * @param asked the version known when this was asked for. An answer from before it means that Redis has lost what
   * came after (it was restarted, or failed over, or its clock went back): then the answer is what there is.
   */
  hear(version: number, totals: Totals, asked?: number): void {
    const newer = version > this.#version || (asked !== undefined && version < asked)
    if (!newer) return
    this.#version = version
    this.#totals = totals
    // News from after a commit that was not answered most likely has it in: better a moment late than counted twice.
    this.#doubtful.fill(0)
  }

  /** The totals as the cluster last said them, and on top what moved here that it could not be told. */
  view(): Totals {
    if (this.#unsaid === undefined) return this.#totals
    return this.#totals.map((count, g) => Math.max(0, count + this.#apart[g]! + this.#doubtful[g]!))
  }

  /** The cluster has taken a change. */
  keep(change: Change): void {
    this.#kept.counts = change.counts
    for (const person of change.people) {
      if (person.group === null) this.#kept.people.delete(person.key)
      else this.#kept.people.set(person.key, person)
    }
    this.interval = change.interval
    this.#unsaid = undefined
    this.#apart.fill(0)
    this.#doubtful.fill(0)
  }

  /**
   * The cluster could not be told of a change.
   * @param asked the version known when it was sent; undefined where it was not.
   */
  fail(change: Change, asked?: number): void {
    const before = this.#unsaid?.counts ?? this.#kept.counts
    this.#unsaid ??= { counts: before, people: new Map() }
    change.counts.forEach((count, g) => {
      this.#apart[g]! += count - before[g]!
    })
    this.#unsaid.counts = change.counts
    for (const person of change.people) {
      const group = (this.#unsaid.people.get(person.key) ?? this.#kept.people.get(person.key))?.group
      if (group !== undefined && group !== null) this.#apart[group]! -= 1
      if (person.group !== null) this.#apart[person.group]! += 1
      this.#unsaid.people.set(person.key, person)
    }
    if (asked === undefined) return
    const heardSince = this.#version > asked
    this.#doubtful = this.#doubtful.map((count, g) => (heardSince ? 0 : count + this.#apart[g]!))
    this.#apart.fill(0)
  }

  /** The cluster holds nothing of us any more. */
  forget(): void {
    this.#kept.counts = zeroTotals(this.#groups)
    this.#kept.people.clear()
    this.confirmedAt = Number.NEGATIVE_INFINITY
    this.refreshedAt = Number.NEGATIVE_INFINITY
  }

  /**
   * A change made whole: what the cluster may hold of us and the change does not say is said to be gone.
   * @param change undefined where we hold nothing of the topic.
   */
  complete(change?: Change): Change {
    const people = new Map<PersonKey, PersonChange>()
    for (const key of [...this.#kept.people.keys(), ...(this.#unsaid?.people.keys() ?? [])]) {
      people.set(key, { key, group: null })
    }
    for (const person of change?.people ?? []) people.set(person.key, person)
    return {
      topic: this.name,
      counts: change?.counts ?? zeroTotals(this.#groups),
      people: [...people.values()],
      interval: change?.interval ?? this.interval,
    }
  }
}

function holds({ counts, people }: Holding): boolean {
  return people.size > 0 || counts.some((count) => count > 0)
}

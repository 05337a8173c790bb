import type { Change, HistoryOptions, PersonKey, Topic } from '@headcount/core'
import type { Totals } from '@headcount/protocol'
import type { EngineReplica } from './cluster.js'
import type { PeopleChanges } from './people-cases.js'

export type Outcome = 'kept' | 'lost' | 'failed' | 'suspended'

/** The topic whose history the members record. */
export const recordedTopic = 'recorded'

const history: HistoryOptions = { records: (topic) => topic === recordedTopic, topics: 100 }

/** The simplest caller of an engine: commits its presences until they are acknowledged, and records all reports. */
export class Member {
  /** Every report of the engine, in order. */
  readonly received: { readonly topic: Topic; readonly totals: Totals }[] = []
  /** The texts that other members have sent to it. */
  readonly texts: string[] = []
  /** The newest totals of each watched topic. */
  readonly latest = new Map<Topic, Totals>()
  /** Its presences, committed or not. */
  readonly counts = new Map<Topic, Totals>()
  readonly people = new Map<Topic, Map<PersonKey, number | null>>()
  /** How many commits were lost. */
  lost = 0
  readonly #watched = new Set<Topic>()
  readonly #failedWatches = new Set<Topic>()
  readonly #uncommitted = new Map<Topic, Set<PersonKey>>()
  #previous: Promise<unknown> = Promise.resolve()
  /** A paused process does nothing. */
  #suspended = false
  readonly #renewal: ReturnType<typeof setInterval>

  private constructor(
    readonly name: string,
    readonly replica: EngineReplica,
    lease: number,
  ) {
    this.#renewal = setInterval(() => void this.commit(), lease / 4)
  }

  /** Opens the engine, and starts renewing its lease. */
  static async open(name: string, replica: EngineReplica, lease: number): Promise<Member> {
    const member = new Member(name, replica, lease)
    const changed = (topic: Topic, totals: Totals) => member.#receive(topic, totals)
    const received = (text: string) => void member.texts.push(text)
    await replica.engine.open(name, { groups: 2, lease, changed, received, history })
    return member
  }

  /** Sets its connections by group, for the next commit. */
  set(topic: Topic, ...counts: number[]): void {
    this.counts.set(topic, counts)
    this.#mark(topic)
  }

  /** Sets people's groups, for the next commit. */
  setPeople(topic: Topic, changes: PeopleChanges): void {
    this.people.set(topic, new Map([...(this.people.get(topic) ?? []), ...Object.entries(changes)]))
    this.#mark(topic, Object.keys(changes))
  }

  /** Marks all its presences for the next commit. */
  markAll(): void {
    for (const topic of this.counts.keys()) this.#mark(topic)
    for (const [topic, people] of this.people) this.#mark(topic, people.keys())
  }

  /** Commits the marked changes, after earlier commits. If that fails or they are lost, they stay marked. */
  commit(reverse = false): Promise<Outcome> {
    const outcome = this.#previous.then(() => this.#commit(reverse))
    this.#previous = outcome
    return outcome
  }

  /** Commits. Returns whether everything is acknowledged. */
  async commitAll(): Promise<boolean> {
    return (await this.commit()) === 'kept' && this.#uncommitted.size === 0
  }

  async watch(topic: Topic): Promise<void> {
    this.#watched.add(topic)
    this.latest.delete(topic)
    try {
      const totals = await this.replica.engine.watch(topic)
      // A report that arrived in the meantime is newer.
      if (this.#watched.has(topic) && !this.latest.has(topic)) this.#receive(topic, totals)
      this.#failedWatches.delete(topic)
    } catch {
      this.#failedWatches.add(topic)
    }
  }

  async unwatch(topic: Topic): Promise<void> {
    this.#watched.delete(topic)
    this.#failedWatches.delete(topic)
    this.latest.delete(topic)
    await this.replica.engine.unwatch(topic).catch(() => {})
  }

  async retryWatches(): Promise<void> {
    await Promise.all([...this.#failedWatches].map((topic) => this.watch(topic)))
  }

  async crash(): Promise<void> {
    this.#stop()
    await this.replica.crash()
  }

  async pause(): Promise<void> {
    this.#suspended = true
    await this.replica.pause()
  }

  async partition(): Promise<void> {
    await this.replica.partition()
  }

  async heal(): Promise<void> {
    await this.replica.heal()
    this.#suspended = false
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal)
    await this.#previous
    await this.replica.engine.close()
    this.#stop()
  }

  #stop(): void {
    clearInterval(this.#renewal)
    this.#suspended = true
  }

  #mark(topic: Topic, people: Iterable<PersonKey> = []): void {
    this.#uncommitted.set(topic, new Set([...(this.#uncommitted.get(topic) ?? []), ...people]))
  }

  async #commit(reverse: boolean): Promise<Outcome> {
    if (this.#suspended) return 'suspended'
    const marked = [...this.#uncommitted]
    this.#uncommitted.clear()
    const changes = marked.map(([topic, people]) => this.#change(topic, people))
    const { engine } = this.replica
    const outcome = await engine.commit(reverse ? changes.reverse() : changes).catch(() => 'failed' as const)
    if (outcome === 'kept') return outcome
    for (const [topic, people] of marked) this.#mark(topic, people)
    if (outcome === 'lost') {
      this.lost++
      this.markAll()
    }
    return outcome
  }

  #change(topic: Topic, keys: ReadonlySet<PersonKey>): Change {
    const people = [...keys].map((key) => ({ key, group: this.people.get(topic)!.get(key)! }))
    return { topic, counts: this.counts.get(topic) ?? [0, 0], people, interval: 20 }
  }

  #receive(topic: Topic, totals: Totals): void {
    this.received.push({ topic, totals: [...totals] })
    if (this.#watched.has(topic)) this.latest.set(topic, [...totals])
  }
}

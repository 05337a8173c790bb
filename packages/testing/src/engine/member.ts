import type { Change, PersonChange, PersonKey, Topic } from '@headcount/core'
import { sameTotals, type Totals } from '@headcount/protocol'
import type { EngineReplica } from './cluster.js'

/** The plainest caller of an engine: what it holds, what of it is still to be said, and what it has heard. */
export class Member {
  /** The newest totals of every topic that is watched. */
  readonly heard = new Map<Topic, Totals>()
  /** All that was ever heard, in order. */
  readonly news: { readonly topic: Topic; readonly totals: Totals }[] = []
  readonly counts = new Map<Topic, Totals>()
  readonly people = new Map<Topic, Map<PersonKey, PersonChange>>()
  readonly #watched = new Set<Topic>()
  readonly #unwatchable = new Set<Topic>()
  readonly #dirty = new Map<Topic, Set<PersonKey>>()
  #last: Promise<unknown> = Promise.resolve()
  #renewing: ReturnType<typeof setInterval> | undefined
  /** How often a commit was answered `'lost'`, and how often one failed. */
  lost = 0
  failed = 0
  /** A paused process does nothing at all. */
  still = false

  private constructor(
    readonly name: string,
    readonly replica: EngineReplica,
    /** Is told of every change that the cluster has kept. */
    readonly kept: (changes: readonly Change[]) => void,
  ) {}

  /** Opens the engine, and renews its lease from then on. */
  static async open(
    name: string,
    replica: EngineReplica,
    lease: number,
    kept: (changes: readonly Change[]) => void = () => {},
  ): Promise<Member> {
    const member = new Member(name, replica, kept)
    await replica.engine.open(name, { groups: 2, lease, changed: (topic, totals) => member.#hear(topic, totals) })
    member.#renewing = setInterval(() => void member.commit(), lease / 4)
    return member
  }

  /** Holds so many of each group, from the next commit on. */
  hold(topic: Topic, ...counts: number[]): void {
    this.counts.set(topic, counts)
    this.#say(topic)
  }

  /** Has a person stand somewhere, from the next commit on. */
  place(topic: Topic, person: PersonChange): void {
    const people = this.people.get(topic) ?? new Map<PersonKey, PersonChange>()
    people.set(person.key, person)
    this.people.set(topic, people)
    this.#say(topic).add(person.key)
  }

  /** Marks all that it holds as still to be said. */
  sayAll(): void {
    for (const topic of this.counts.keys()) this.#say(topic)
    for (const [topic, people] of this.people) for (const key of people.keys()) this.#say(topic).add(key)
  }

  /** Says what is still to be said, one commit after the other. Never rejects: what fails is said with the next. */
  commit(order: (changes: Change[]) => Change[] = (changes) => changes): Promise<'kept' | 'lost' | 'failed' | 'still'> {
    const commit = this.#last.then(() => this.#commit(order))
    this.#last = commit
    return commit
  }

  /** Whether all has been said. */
  get said(): boolean {
    return this.#dirty.size === 0
  }

  async watch(topic: Topic): Promise<void> {
    this.#watched.add(topic)
    this.heard.delete(topic)
    try {
      const totals = await this.replica.engine.watch(topic)
      // What `moved` said meanwhile is newer.
      if (this.#watched.has(topic) && !this.heard.has(topic)) this.#hear(topic, totals)
      this.#unwatchable.delete(topic)
    } catch {
      this.#unwatchable.add(topic)
    }
  }

  async unwatch(topic: Topic): Promise<void> {
    this.#watched.delete(topic)
    this.#unwatchable.delete(topic)
    this.heard.delete(topic)
    await this.replica.engine.unwatch(topic).catch(() => {})
  }

  /** Watches again what could not be watched. */
  async rewatch(): Promise<void> {
    await Promise.all([...this.#unwatchable].map((topic) => this.watch(topic)))
  }

  /** Stops renewing, as the end of the process does. */
  stop(): void {
    clearInterval(this.#renewing)
    this.still = true
  }

  async close(): Promise<void> {
    clearInterval(this.#renewing)
    await this.#last
    await this.replica.engine.close()
    this.still = true
  }

  #say(topic: Topic): Set<PersonKey> {
    const keys = this.#dirty.get(topic) ?? new Set<PersonKey>()
    this.#dirty.set(topic, keys)
    return keys
  }

  async #commit(order: (changes: Change[]) => Change[]): Promise<'kept' | 'lost' | 'failed' | 'still'> {
    if (this.still) return 'still'
    const saying = new Map(this.#dirty)
    this.#dirty.clear()
    const changes = order([...saying].map(([topic, keys]) => this.#change(topic, keys)))
    try {
      const answer = await this.replica.engine.commit(changes)
      if (answer === 'kept') {
        this.kept(changes)
        return answer
      }
      this.lost++
      this.#unsay(saying)
      this.sayAll()
      return answer
    } catch {
      this.failed++
      this.#unsay(saying)
      return 'failed'
    }
  }

  #unsay(saying: ReadonlyMap<Topic, ReadonlySet<PersonKey>>): void {
    for (const [topic, keys] of saying) for (const key of [...keys, undefined]) if (key) this.#say(topic).add(key)
    for (const topic of saying.keys()) this.#say(topic)
  }

  #change(topic: Topic, keys: ReadonlySet<PersonKey>): Change {
    const people = [...keys].map((key) => this.people.get(topic)!.get(key)!)
    return { topic, counts: this.counts.get(topic) ?? [0, 0], people, interval: 20 }
  }

  #hear(topic: Topic, totals: Totals): void {
    this.news.push({ topic, totals: [...totals] })
    if (this.#watched.has(topic)) this.heard.set(topic, [...totals])
  }

  /** Whether the newest that was heard is this. */
  knows(topic: Topic, totals: Totals): boolean {
    const heard = this.heard.get(topic)
    return heard !== undefined && heard.length === totals.length && sameTotals(heard, totals)
  }
}

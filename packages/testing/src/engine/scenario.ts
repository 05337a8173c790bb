import type { PersonKey, Topic } from '@headcount/core'
import { until } from '../until.js'
import type { EngineCluster } from './cluster.js'
import { Member } from './member.js'

/** A cluster under test, and the members that are open on it. */
export class Scenario {
  readonly members: Member[] = []
  #opened = 0

  constructor(
    readonly cluster: EngineCluster,
    private readonly skip: (reason: string) => never,
  ) {}

  /** Skips the test if the engine does not have an optional ability. */
  needs<A>(ability: A | undefined): A {
    return ability ?? this.skip('the engine does not have this optional ability')
  }

  async open(): Promise<Member> {
    const replica = await this.cluster.addReplica()
    const member = await Member.open(`replica-${++this.#opened}`, replica, this.cluster.lease)
    this.members.push(member)
    return member
  }

  /** Opens two replicas that watch a topic: enough for most tests. */
  async openTwo(topic: Topic): Promise<[Member, Member]> {
    const two: [Member, Member] = [await this.open(), await this.open()]
    for (const member of two) await member.watch(topic)
    return two
  }

  async crash(member: Member): Promise<void> {
    this.#remove(member)
    await member.crash()
  }

  async close(member: Member): Promise<void> {
    this.#remove(member)
    await member.close()
  }

  /** The expected totals: the members' presences, merged by the rules that `Engine` promises. */
  expected(topic: Topic): number[] {
    const totals = [0, 0]
    const people = new Map<PersonKey, number>()
    for (const member of this.members) {
      for (const [g, count] of (member.counts.get(topic) ?? []).entries()) totals[g]! += count
      for (const [key, group] of member.people.get(topic) ?? []) {
        if (group !== null) people.set(key, Math.min(group, people.get(key) ?? group))
      }
    }
    for (const group of people.values()) totals[group]! += 1
    return totals
  }

  /** Waits until every member that watches a topic received these totals last. */
  async shows(topic: Topic, totals: readonly number[] = this.expected(topic)): Promise<void> {
    const watching = () => this.members.filter(({ latest }) => latest.has(topic))
    await until(
      `${topic} to be ${totals.join(' ')} on every replica`,
      () => watching().every(({ latest }) => String(latest.get(topic)) === String(totals)),
      { within: this.#timeout, got: () => watching().map(({ name, latest }) => `${name}: ${latest.get(topic)}`) },
    )
  }

  /** Closes every member. */
  async closeAll(): Promise<void> {
    for (const member of [...this.members]) await this.close(member)
  }

  /** Waits until the cluster is empty. */
  async isEmpty(): Promise<void> {
    let size = -1
    const empty = async () => {
      size = await this.cluster.size()
      return size === 0
    }
    await until('an empty cluster', empty, { within: this.#timeout, got: () => size })
  }

  /** Generous: reached only if a test fails. */
  get #timeout(): number {
    return 5_000 + 3 * this.cluster.lease
  }

  #remove(member: Member): void {
    this.members.splice(this.members.indexOf(member), 1)
  }
}

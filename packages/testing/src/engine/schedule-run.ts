import { expect } from 'vitest'
import { until } from '../until.js'
import type { Member } from './member.js'
import type { Scenario } from './scenario.js'
import { type Step, scheduleReplicas, scheduleTopics } from './schedule.js'

export class ScheduleRun {
  /** Paused and partitioned members. */
  readonly #down = new Set<Member>()
  /** The maximum that each member ever had in each topic. No total may exceed the sum over all members. */
  readonly #most = new Map<string, number>()
  #crashed = false

  constructor(readonly scenario: Scenario) {}

  async play(steps: readonly Step[]): Promise<void> {
    for (let i = 0; i < scheduleReplicas; i++) await this.#open()
    for (const step of steps) await this.#play(step)
    await this.#settle()
  }

  /** Ends all pauses and partitions. */
  async heal(): Promise<void> {
    for (const member of this.#down) await this.#heal(member)
  }

  async #play({ kind, on, topic, counts, person, group }: Step): Promise<unknown> {
    const member = this.scenario.members[on]!
    switch (kind) {
      case 'set':
        member.set(topic, ...counts)
        return this.#recordMost(member, topic)
      case 'set person':
        member.setPeople(topic, { [person]: group })
        return this.#recordMost(member, topic)
      case 'commit':
        return this.#answered(member, member.commit())
      case 'commit all':
        member.markAll()
        return this.#answered(member, member.commit())
      case 'commit in reverse':
        return this.#answered(member, member.commit(true))
      case 'all commit':
        return Promise.all(this.scenario.members.map((each) => this.#answered(each, each.commit())))
      case 'watch':
        return this.#answered(member, member.watch(topic))
      case 'unwatch':
        return this.#answered(member, member.unwatch(topic))
      case 'settle':
        return this.#settle()
      case 'expire leases':
        return this.#expireLeases()
      case 'heal':
        return this.#heal(member)
      case 'crash':
      case 'close':
        if (kind === 'close' && this.#down.has(member)) return
        this.#down.delete(member)
        this.#crashed ||= kind === 'crash'
        await this.scenario[kind](member)
        return this.#open()
      case 'pause':
      case 'partition':
        if (this.#down.has(member)) return
        this.#down.add(member)
        return member[kind]()
    }
  }

  async #open(): Promise<void> {
    const member = await this.scenario.open()
    for (const topic of scheduleTopics) await member.watch(topic)
  }

  /** Waits for an answer, unless the member is down: then it may arrive only after `heal`. */
  async #answered(member: Member, answer: Promise<unknown>): Promise<void> {
    if (!this.#down.has(member)) await answer
  }

  async #heal(member: Member): Promise<void> {
    if (this.#down.delete(member)) await member.heal()
  }

  async #expireLeases(): Promise<void> {
    await this.scenario.cluster.expireLeases()
    this.#crashed = false
  }

  /** Heals and commits everything. Then every replica must show the expected totals. */
  async #settle(): Promise<void> {
    await this.heal()
    if (this.#crashed) await this.#expireLeases()
    for (const member of this.scenario.members) {
      await until(`all commits of ${member.name} to be kept`, () => member.commitAll())
      await member.retryWatches()
    }
    const { engine } = this.scenario.members[0]!.replica
    await this.#explains()
    for (const topic of scheduleTopics) {
      const expected = this.scenario.expected(topic)
      await this.scenario.shows(topic, expected)
      // A broken connection may be noticed only now, so the read is retried.
      await until(`${topic} to be read`, async () => String(await engine.read([topic])) === String(expected))
    }
    for (const { topic, totals } of this.scenario.members.flatMap(({ received }) => received)) {
      expect(Math.min(...totals)).toBeGreaterThanOrEqual(0)
      expect(totals[0]! + totals[1]!).toBeLessThanOrEqual(this.#bound(topic))
    }
  }

  /** Every row matches its member, and the rows add up to the totals. */
  async #explains(): Promise<void> {
    const { members } = this.scenario
    const { replicas } = members[0]!.replica.engine
    if (replicas === undefined) return
    for (const topic of scheduleTopics) {
      const expected = members.flatMap(({ name, counts, people }) => {
        const row = { counts: counts.get(topic) ?? [0, 0], people: peopleIn(people.get(topic)) }
        return row.people > 0 || row.counts.some((count) => count > 0) ? [{ replica: name, ...row }] : []
      })
      // A broken connection may be noticed only now, so the read is retried.
      await until(`the rows of ${topic}`, async () => {
        const { totals, rows } = await replicas.rows(topic)
        const got = rows.map(({ leaseAge: _, ...row }) => row)
        const byName = (list: { replica: string }[]) => list.toSorted((a, b) => a.replica.localeCompare(b.replica))
        expect([totals, byName(got)]).toEqual([this.scenario.expected(topic), byName(expected)])
        return true
      })
    }
  }

  #recordMost(member: Member, topic: string): void {
    const [users, viewers] = member.counts.get(topic) ?? [0, 0]
    const size = users! + viewers! + (member.people.get(topic)?.size ?? 0)
    const key = `${member.name} ${topic}`
    this.#most.set(key, Math.max(size, this.#most.get(key) ?? 0))
  }

  #bound(topic: string): number {
    return [...this.#most].reduce((sum, [key, most]) => (key.endsWith(` ${topic}`) ? sum + most : sum), 0)
  }
}

function peopleIn(groups: ReadonlyMap<string, number | null> | undefined): number {
  return [...(groups?.values() ?? [])].filter((group) => group !== null).length
}

import { expect } from 'vitest'
import { until } from '../until.js'
import { type Act, size, topics } from './acts.js'
import type { Member } from './member.js'
import { gone, held, live, type Stage } from './stage.js'

/** Plays one schedule. */
export class Run {
  readonly #away = new Map<Member, 'pause' | 'partition'>()
  /** The most that each replica has ever held of a topic, people and all: no total may exceed their sum. */
  readonly #most = new Map<string, number>()
  /** Whether somebody has died whose lease may not be over. */
  #dead = false

  constructor(
    readonly stage: Stage,
    readonly devices: boolean,
  ) {}

  async play(acts: readonly Act[]): Promise<void> {
    for (let i = 0; i < size; i++) await this.#join()
    for (const act of acts) await this.#act(act)
    await this.#settle()
  }

  async #join(): Promise<void> {
    const member = await this.stage.member()
    for (const topic of topics) await member.watch(topic)
  }

  async #act(act: Act): Promise<void> {
    const member = this.stage.members[act.on]!
    switch (act.act) {
      case 'hold':
        member.hold(topics[act.topic]!, ...act.counts)
        return this.#remember(member)
      case 'place':
        member.place(topics[act.topic]!, this.#standing(act.key, act.stand))
        return this.#remember(member)
      case 'commit':
        return void (await this.#commit(member))
      case 'repeat':
        member.sayAll()
        return void (await this.#commit(member))
      case 'reorder':
        return void (await this.#commit(member, true))
      case 'storm':
        // Answers come in any order. Where devices are told apart, the order of commits is part of the outcome.
        if (this.devices) for (const each of this.stage.members) await this.#commit(each)
        else await Promise.all(this.stage.members.map((each) => this.#commit(each)))
        return
      case 'watch':
        return this.#ask(member, member.watch(topics[0]))
      case 'unwatch':
        return this.#ask(member, member.unwatch(topics[0]))
      case 'crash':
        this.#away.delete(member)
        this.#dead = true
        await this.stage.crash(member)
        return this.#join()
      case 'close':
        if (this.#away.has(member)) return
        await this.stage.close(member)
        return this.#join()
      case 'pause':
      case 'partition':
        if (this.#away.has(member)) return
        this.#away.set(member, act.act)
        member.still = act.act === 'pause'
        return act.act === 'pause' ? member.replica.pause() : member.replica.partition()
      case 'return':
        return this.#return(member)
      case 'lapse':
        return this.#lapse()
      case 'settle':
        return this.#settle()
    }
  }

  #commit(member: Member, reorder = false): Promise<void> {
    const order = member.commit((changes) => (reorder ? changes.reverse() : changes))
    return this.#ask(member, order)
  }

  /** Waits for an answer, but not of one that is away: it may come only when that one is back. */
  async #ask(member: Member, answer: Promise<unknown>): Promise<void> {
    if (!this.#away.has(member)) await answer
  }

  /** All that are away come back. */
  async release(): Promise<void> {
    for (const member of this.stage.members) await this.#return(member)
  }

  async #return(member: Member): Promise<void> {
    const how = this.#away.get(member)
    if (how === undefined) return
    this.#away.delete(member)
    await (how === 'pause' ? member.replica.resume() : member.replica.heal())
    member.still = false
  }

  async #lapse(): Promise<void> {
    await this.stage.cluster.lapse()
    this.#dead = false
  }

  /** All come back and say all; then the truth is what they hold. */
  async #settle(): Promise<void> {
    await this.release()
    if (this.#dead) await this.#lapse()
    for (const member of this.stage.members) {
      await until(`${member.name} to be heard`, async () => (await member.commit()) === 'kept' && member.said)
      await member.rewatch()
    }
    if (!this.devices) for (const member of this.stage.members) this.#state(member)
    for (const topic of topics) {
      const truth = this.stage.model.totals(topic)
      await this.stage.shows(topic, truth)
      const { engine } = this.stage.members[0]!.replica
      // A connection that broke a while ago may be noticed only now.
      await until(`${topic} to be read as it is`, async () => String(await engine.read([topic])) === String(truth))
    }
    for (const member of this.stage.members) {
      for (const { topic, totals } of member.news) {
        const sum = totals.reduce((a, b) => a + b, 0)
        expect(Math.min(...totals)).toBeGreaterThanOrEqual(0)
        expect(sum).toBeLessThanOrEqual(this.#bound(topic))
      }
    }
  }

  /** Where commits may have failed half-way the model is told what each holds, rather than what it has said. */
  #state(member: Member): void {
    this.stage.model.forget(member.name)
    const changes = topics.map((topic) => ({
      topic,
      counts: member.counts.get(topic) ?? [0, 0],
      people: [...(member.people.get(topic)?.values() ?? [])],
      interval: 20,
    }))
    this.stage.model.commit(member.name, changes)
  }

  #standing(key: number, stand: number) {
    const name = `p${key}`
    const device = this.devices ? `d${key % 2}` : null
    if (stand === 4) return gone(name)
    return stand < 2 ? live(name, stand % 2, device) : held(name, stand % 2, device)
  }

  #remember(member: Member): void {
    for (const topic of topics) {
      const counts = member.counts.get(topic) ?? [0, 0]
      const here = counts.reduce((a, b) => a + b, 0) + (member.people.get(topic)?.size ?? 0)
      const key = `${member.name} ${topic}`
      this.#most.set(key, Math.max(here, this.#most.get(key) ?? 0))
    }
  }

  #bound(topic: string): number {
    let bound = 0
    for (const [key, most] of this.#most) if (key.endsWith(` ${topic}`)) bound += most
    return bound
  }
}

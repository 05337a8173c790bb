import type { PersonChange, PersonKey, Topic } from '@headcount/core'
import { until } from '../until.js'
import type { EngineCluster } from './cluster.js'
import { Member } from './member.js'
import { Model } from './model.js'

/** A cluster, the members that were opened on it, and what they ought to know. */
export class Stage {
  readonly model = new Model()
  readonly members: Member[] = []
  #opened = 0

  constructor(readonly cluster: EngineCluster) {}

  /** Opens one more replica, which renews its lease from then on. */
  async member(): Promise<Member> {
    const name = `replica-${++this.#opened}`
    const replica = await this.cluster.replica()
    const member = await Member.open(name, replica, this.cluster.lease, (changes) => this.model.commit(name, changes))
    this.members.push(member)
    return member
  }

  /** So many replicas that watch a topic. */
  async watching(topic: Topic, size: number): Promise<Member[]> {
    const members: Member[] = []
    for (let i = 0; i < size; i++) members.push(await this.member())
    for (const member of members) await member.watch(topic)
    return members
  }

  async crash(member: Member): Promise<void> {
    member.stop()
    this.members.splice(this.members.indexOf(member), 1)
    await member.replica.crash()
    this.model.forget(member.name)
  }

  async close(member: Member): Promise<void> {
    this.members.splice(this.members.indexOf(member), 1)
    await member.close()
    this.model.forget(member.name)
  }

  /** Every member that watches the topic comes to know these totals, or those of the model. */
  async shows(topic: Topic, totals: readonly number[] = this.model.totals(topic)): Promise<void> {
    await until(
      `${topic} to be ${totals.join(' ')} on all`,
      () => this.members.filter(({ heard }) => heard.has(topic)).every((member) => member.knows(topic, totals)),
      { within: patience(this.cluster), got: () => this.#seen(topic) },
    )
  }

  /** Everybody is closed, and nothing is left behind. */
  async end(): Promise<void> {
    for (const member of [...this.members]) await this.close(member)
  }

  async empty(): Promise<void> {
    let size = -1
    await until(
      'nothing to be left behind',
      async () => {
        size = await this.cluster.size()
        return size === 0
      },
      { within: patience(this.cluster), got: () => size },
    )
  }

  #seen(topic: Topic): string {
    return this.members.map(({ name, heard }) => `${name}: ${heard.get(topic)?.join(' ') ?? '-'}`).join(', ')
  }
}

/** How long a promise may take that is kept within a lease: a machine may be busy. */
function patience({ lease }: EngineCluster): number {
  return 5_000 + 3 * lease
}

/** A live person. */
export function live(key: PersonKey, group: number, _device: PersonKey | null = null): PersonChange {
  return { key, group }
}

/** A person that only grace holds. */
export function held(key: PersonKey, group: number, _device: PersonKey | null = null): PersonChange {
  return { key, group }
}

/** A person that has gone. */
export function gone(key: PersonKey): PersonChange {
  return { key, group: null }
}

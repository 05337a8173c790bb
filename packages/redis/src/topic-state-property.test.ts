import type { Change } from '@headcount/core'
import { random } from '@headcount/testing'
import { expect, it } from 'vitest'
import { TopicState } from './topic-state.js'

const groups = 2
const runs = 400
const stepsPerRun = 60
const seed = Number(process.env.TOPIC_STATE_SEED ?? 20_261)

interface Answer {
  readonly version: number
  readonly totals: readonly number[]
  readonly row: readonly number[]
}

/**
 * One topic in a Redis that may lose all data, refuse commits, or answer them late or never; and a replica that
 * receives its messages and answers in any order, or not at all.
 */
class Model {
  readonly topic = new TopicState('t', groups)
  /** The presences of the other replicas at each version. */
  readonly others = new Map<number, readonly number[]>([[0, [0, 0]]])
  #version = 0
  #row: readonly number[] = [0, 0]
  #others: readonly number[] = [0, 0]
  #newest = 0
  #acknowledged = 0
  /** Messages, and answers to reads, that may still arrive. An answer has the last known version at its request. */
  readonly #messages: Answer[] = []
  readonly #reads: (Answer & { readonly known: number })[] = []
  readonly #lateCommits: (() => void)[] = []
  #sent = 0
  /** The changes that this replica has committed or tried to commit. */
  own: readonly number[] = [0, 0]
  inFlight:
    | { readonly change: Change; readonly known: number; readonly apply: () => string; reply?: string }
    | undefined

  constructor(readonly chance: ReturnType<typeof random>) {
    this.#write()
  }

  get answer(): Answer {
    return { version: this.#version, totals: this.#others.map((n, g) => n + this.#row[g]!), row: this.#row }
  }

  step(): void {
    const { chance } = this
    chance.of([
      () => this.#beginCommit(),
      () => this.#reachRedis(),
      () => this.#endCommit(),
      () => this.#endCommit(),
      () => this.#othersChange(),
      () => this.#reads.push({ ...this.answer, known: this.topic.version }),
      () => this.#receiveMessage(),
      () => this.#receiveMessage(),
      () => this.#receiveRead(),
      () => this.#lateCommits.splice(0, 1)[0]?.(),
      () => chance.chance(0.2) && this.#loseEverything(),
    ])()
  }

  /** All faults end: a commit is acknowledged, and its message arrives. */
  recover(): void {
    if (this.inFlight !== undefined) this.#end('unanswered')
    for (let i = 0; i < 2; i++) {
      this.#beginCommit(this.own)
      this.#end('kept')
    }
  }

  #beginCommit(counts: readonly number[] = [this.chance.below(9), this.chance.below(9)]): void {
    if (this.inFlight !== undefined) return
    const change = { topic: 't', counts, people: [], interval: 50 }
    const number = ++this.#sent
    const acknowledged = this.#acknowledged
    const apply = (): string => {
      if (this.#newest >= number) return 'late'
      if (acknowledged > 0 && this.#newest < acknowledged) return 'lost'
      this.#newest = number
      if (String(this.#row) !== String(change.counts)) {
        this.#row = change.counts
        this.#write()
      }
      return 'kept'
    }
    this.inFlight = { change, known: this.topic.version, apply }
    this.topic.send(change)
  }

  /** The commit in flight has reached Redis: its message may arrive before its answer. */
  #reachRedis(): void {
    if (this.inFlight !== undefined) this.inFlight.reply ??= this.inFlight.apply()
  }

  #endCommit(): void {
    if (this.inFlight !== undefined) this.#end(this.chance.of(['kept', 'kept', 'unanswered', 'refused', 'late']))
  }

  #end(outcome: string): void {
    const inFlight = this.inFlight!
    const { change, known, apply } = inFlight
    if (outcome === 'kept' || outcome === 'unanswered') this.#reachRedis()
    const { reply } = inFlight
    if (outcome === 'late' && reply === undefined) this.#lateCommits.push(apply)
    this.inFlight = undefined
    this.own = change.counts
    if (outcome === 'kept' && reply === 'kept') {
      this.#acknowledged = this.#sent
      this.topic.receive(this.answer.version, this.answer.totals, known)
      this.topic.acknowledge(change)
      return
    }
    this.topic.fail(change, known)
    if (outcome !== 'kept' || reply !== 'lost') return
    this.#acknowledged = 0
    this.topic.lose()
  }

  #othersChange(): void {
    this.#others = [this.chance.below(9), this.chance.below(9)]
    this.#write()
  }

  #loseEverything(): void {
    this.#row = [0, 0]
    this.#others = [0, 0]
    this.#newest = 0
    // A commit that began earlier is refused: its lease is unknown.
    this.#lateCommits.length = 0
    this.#version += 1
    this.others.set(this.#version, this.#others)
  }

  #write(): void {
    this.#version += 1
    this.others.set(this.#version, this.#others)
    this.#messages.push(this.answer)
  }

  /** Any earlier message, perhaps repeated. */
  #receiveMessage(): void {
    if (this.#messages.length === 0) return
    const { version, totals } = this.chance.of(this.#messages.slice(-4))
    this.topic.receive(version, totals)
  }

  #receiveRead(): void {
    const read = this.#reads.splice(this.chance.below(this.#reads.length || 1), 1)[0]
    if (read !== undefined) this.topic.receive(read.version, read.totals, read.known, read.row)
  }
}

it(`is never above the known maximum nor below the replica's own presences, in ${runs} random schedules`, () => {
  for (let run = 0; run < runs; run++) {
    const model = new Model(random(seed + run))
    for (let i = 0; i < stepsPerRun; i++) {
      model.step()
      const { topic, own, inFlight } = model
      // A commit in flight may have reached Redis, or not.
      const sent = inFlight?.change.counts ?? own
      const mine = own.map((count, g) => Math.max(count, sent[g]!))
      const others = model.others.get(topic.version)!
      topic.totals.forEach((count, g) => {
        const where = `seed ${seed + run}, step ${i}, group ${g}`
        expect(count, where).toBeGreaterThanOrEqual(Math.min(own[g]!, sent[g]!))
        expect(count, where).toBeLessThanOrEqual(others[g]! + mine[g]!)
      })
    }
    model.recover()
    expect(model.topic.totals, `seed ${seed + run}, at the end`).toEqual(model.answer.totals)
  }
})

import { type Group, type Totals, zeroTotals } from '@headcount/protocol'
import type { Subscriber } from './broadcast/broadcaster.js'
import type { FlushSettings } from './broadcast/flush-interval.js'
import { Teller } from './broadcast/flush-scheduler.js'
import { Committer } from './counting/committer.js'
import type { Presence } from './counting/tracker.js'
import type { Engine, ReplicaId, Topic } from './engine/engine.js'
import type { Clock } from './runtime/clock.js'
import type { Logger } from './runtime/logger.js'
import type { Metrics } from './runtime/metrics.js'
import type { Turn } from './runtime/turn.js'

export interface ReplicaOptions {
  readonly id: ReplicaId
  readonly engine: Engine
  readonly groups: readonly Group[]
  readonly flush: FlushSettings
  /** How long, in ms, the cluster counts this replica without hearing from it. */
  readonly lease: number
  readonly clock: Clock
  readonly turn: Turn
  readonly logger: Logger
  readonly metrics: Metrics
}

/**
 * This process's part in the cluster, and the one way through it: track -> commit -> the engine says what moved ->
 * tell.
 */
export class Replica {
  readonly #id: ReplicaId
  readonly #engine: Engine
  readonly #groups: number
  readonly #committer: Committer
  readonly #teller: Teller

  constructor(options: ReplicaOptions) {
    this.#id = options.id
    this.#engine = options.engine
    this.#groups = options.groups.length
    this.#teller = new Teller(options)
    this.#committer = new Committer({
      ...options,
      groups: options.groups.length,
      interval: (topic) => this.#teller.interval(topic),
    })
  }

  /** @throws what the engine throws where it cannot be opened. */
  async start(): Promise<void> {
    await this.#engine.open(this.#id, (topic, totals) => this.#teller.moved(topic, totals))
    this.#committer.start()
  }

  /** Gives up all that this replica holds, at once. Nobody is told of anything any more. */
  async stop(): Promise<void> {
    this.#committer.stop()
    this.#teller.stop()
    await this.#engine.close()
  }

  /** Why this replica should not be sent more sockets, or undefined. */
  trouble(): string | undefined {
    return this.#committer.trouble
  }

  /** How many topics have subscribers here. */
  get topics(): number {
    return this.#teller.topics
  }

  /** Is told of every flush of every topic that has subscribers here. Returns the undo. */
  on(listener: (topic: Topic, totals: Totals) => void): () => void {
    return this.#teller.on(listener)
  }

  /** The subscriber is given the topic's state now, or when it is known, and what moves from then on. */
  subscribe(topic: Topic, subscriber: Subscriber): void {
    this.#teller.subscribe(topic, subscriber)
  }

  unsubscribe(topic: Topic, subscriber: Subscriber): void {
    this.#teller.unsubscribe(topic, subscriber)
  }

  /** Gives a subscriber that skipped diffs the state. */
  resume(topic: Topic, subscriber: Subscriber): void {
    this.#teller.resume(topic, subscriber)
  }

  track(topic: Topic, presence: Presence): void {
    this.#committer.track(topic, presence)
  }

  /** @param grace for how many ms a person whose last channel this was is still counted. */
  untrack(topic: Topic, presence: Presence, grace: number): void {
    this.#committer.untrack(topic, presence, grace)
  }

  /** The counts of topics, each as its subscribers here were told, or else as the cluster knows it. */
  async read(topics: readonly Topic[]): Promise<Totals[]> {
    const here = topics.map((topic) => this.#teller.told(topic))
    const elsewhere = topics.filter((_, i) => here[i] === undefined)
    const read = elsewhere.length === 0 ? [] : await this.#engine.read(elsewhere)
    let next = 0
    return here.map((totals) => totals ?? read[next++] ?? zeroTotals(this.#groups))
  }
}

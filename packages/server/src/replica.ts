import { type Group, sameTotals, type Totals, zeroTotals } from '@headcount/protocol'
import { Audience, Broadcaster, type Subscriber } from './broadcaster.js'
import type { Clock } from './clock.js'
import type { Change, Engine, ReplicaId, Topic } from './engine.js'
import type { Logger } from './log.js'
import type { Metrics } from './metrics/metrics.js'
import { type FlushSettings, flushInterval } from './pace.js'
import { type Move, type Presence, Tracker } from './tracker.js'
import type { Turn } from './turn.js'

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

/** One topic that this replica has subscribers of. */
class Watched {
  readonly audience: Audience
  /** The newest totals that the engine has said; undefined until it has said any. */
  totals: Totals | undefined
  /** When the topic may be told again. */
  tellAt = 0
  /** Undoes the timer that waits for it. */
  waiting: (() => void) | undefined

  constructor(topic: Topic) {
    this.audience = new Audience(topic)
  }
}

/** How many renewals fit in a lease: one may be lost, and one late. */
const renewalsPerLease = 4

/** While the cluster cannot be told, or forgets, every commit says much again: not more often than this, in ms. */
const troubledWindow = 100

/**
 * This process's part in the cluster, and the one way through it:
 * track -> commit -> the engine says what moved -> tell.
 */
export class Replica {
  readonly #o: ReplicaOptions
  readonly #tracker: Tracker
  readonly #broadcaster: Broadcaster
  readonly #watched = new Map<Topic, Watched>()
  readonly #listeners = new Set<(topic: Topic, totals: Totals) => void>()
  #committing = false
  #commitDue = false
  #committedAt = Number.NEGATIVE_INFINITY
  #undoCommit: (() => void) | undefined
  #undoExpiry: (() => void) | undefined
  #expiryAt = Number.POSITIVE_INFINITY
  #trouble: string | undefined = 'starting'
  #stopped = false

  constructor(options: ReplicaOptions) {
    this.#o = options
    this.#tracker = new Tracker(options.groups.length)
    this.#broadcaster = new Broadcaster(options.groups, options.turn, (audience) => this.#told(audience))
  }

  /** @throws what the engine throws where it cannot be opened. */
  async start(): Promise<void> {
    await this.#o.engine.open(this.#o.id, (topic, totals) => this.#moved(topic, totals))
    this.#trouble = undefined
    this.#scheduleCommit(this.#renewal)
  }

  /** Gives up all that this replica holds, at once. Nobody is told of anything any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#trouble = 'stopping'
    this.#undoCommit?.()
    this.#undoExpiry?.()
    for (const watched of this.#watched.values()) watched.waiting?.()
    await this.#o.engine.close()
  }

  /** Why this replica should not be sent more sockets, or undefined. */
  trouble(): string | undefined {
    return this.#trouble
  }

  get topics(): number {
    return this.#watched.size
  }

  /** Is told of every flush of every topic that has subscribers here. Returns the undo. */
  on(listener: (topic: Topic, totals: Totals) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The subscriber is given the topic's state now, or when it is known, and what moves from then on. */
  subscribe(topic: Topic, subscriber: Subscriber): void {
    let watched = this.#watched.get(topic)
    if (watched === undefined) {
      watched = new Watched(topic)
      this.#watched.set(topic, watched)
      this.#watch(watched)
    }
    this.#broadcaster.add(watched.audience, subscriber)
  }

  unsubscribe(topic: Topic, subscriber: Subscriber): void {
    const watched = this.#watched.get(topic)
    if (watched === undefined) return
    this.#broadcaster.remove(watched.audience, subscriber)
    if (watched.audience.subscribers.length > 0) return
    // At the end of the turn: whoever leaves and joins in one breath finds the topic as it was.
    this.#o.turn.work(() => this.#unwatch(watched))
  }

  /** Gives a subscriber that skipped diffs the state. */
  resume(topic: Topic, subscriber: Subscriber): void {
    const watched = this.#watched.get(topic)
    if (watched !== undefined) this.#broadcaster.resume(watched.audience, subscriber)
  }

  track(topic: Topic, presence: Presence): void {
    this.#tracker.track(topic, presence)
    this.#changed()
  }

  /** @param grace in ms; see `Tracker.untrack`. */
  untrack(topic: Topic, presence: Presence, grace: number): void {
    const now = this.#o.clock.now()
    this.#tracker.untrack(topic, presence, grace, now)
    if (grace > 0 && presence.person !== null) this.#expireAt(now + grace)
    this.#changed()
  }

  /** The counts of topics, each as its subscribers here were told, or else as the cluster knows it. */
  async read(topics: readonly Topic[]): Promise<Totals[]> {
    const here = topics.map((topic) => this.#watched.get(topic)?.audience.news?.totals)
    const elsewhere = topics.filter((_, i) => here[i] === undefined)
    const read = elsewhere.length === 0 ? [] : await this.#o.engine.read(elsewhere)
    let next = 0
    return here.map((totals) => totals ?? read[next++] ?? zeroTotals(this.#o.groups.length))
  }

  // Commit: what this replica holds, said to the cluster.

  get #renewal(): number {
    return this.#o.lease / renewalsPerLease
  }

  #changed(): void {
    if (this.#commitDue || this.#stopped) return
    this.#commitDue = true
    const window = this.#trouble === undefined ? (this.#o.engine.window ?? 0) : troubledWindow
    const wait = window - (this.#o.clock.now() - this.#committedAt)
    if (wait > 0) this.#scheduleCommit(wait)
    else this.#o.turn.work(() => void this.#commit())
  }

  #scheduleCommit(ms: number): void {
    this.#undoCommit?.()
    this.#undoCommit = this.#o.clock.after(ms, () => void this.#commit())
  }

  async #commit(): Promise<void> {
    if (this.#committing || this.#stopped) return
    this.#committing = true
    this.#commitDue = false
    this.#committedAt = this.#o.clock.now()
    const moves = this.#tracker.take()
    try {
      const answer = await this.#o.engine.commit(moves.map((move) => this.#change(move)))
      this.#settled(undefined, answer)
    } catch (error) {
      this.#tracker.untake(moves)
      this.#settled(error instanceof Error ? error.message : String(error))
    }
  }

  #settled(trouble: string | undefined, answer?: 'kept' | 'lost'): void {
    this.#committing = false
    if (this.#stopped) return
    const { logger, metrics } = this.#o
    if (trouble !== undefined && this.#trouble === undefined) {
      logger.warn({ reason: trouble }, 'the cluster cannot be told; local counts go on')
    } else if (trouble === undefined && this.#trouble !== undefined) {
      logger.info({}, 'the cluster is told again')
    }
    this.#trouble = trouble
    metrics.count(trouble === undefined ? 'commits' : 'commits_failed')
    if (answer === 'lost') {
      metrics.count('commits_lost')
      logger.warn({}, 'the cluster has forgotten this replica; saying everything anew')
      this.#tracker.moveAll()
    }
    // A change that came while the commit was on its way has found it busy.
    const again = this.#commitDue && trouble === undefined && answer === 'kept'
    this.#commitDue = false
    if (again) this.#changed()
    else this.#scheduleCommit(this.#nextCommit(trouble, answer))
  }

  #nextCommit(trouble: string | undefined, answer: 'kept' | 'lost' | undefined): number {
    if (answer === 'lost') return troubledWindow
    return trouble === undefined ? this.#renewal : Math.min(this.#renewal, 1000)
  }

  #change(move: Move): Change {
    const sockets = this.#watched.get(move.topic)?.audience.subscribers.length ?? 0
    return { ...move, interval: flushInterval(sockets, this.#o.flush) }
  }

  #expireAt(at: number): void {
    if (at >= this.#expiryAt || this.#stopped) return
    this.#undoExpiry?.()
    this.#expiryAt = at
    const wait = Math.max(0, Math.ceil(at - this.#o.clock.now()))
    this.#undoExpiry = this.#o.clock.after(wait, () => {
      this.#expiryAt = Number.POSITIVE_INFINITY
      const next = this.#tracker.expire(this.#o.clock.now())
      if (next !== undefined) this.#expireAt(next)
      this.#changed()
    })
  }

  // Watch and tell: what the cluster says, told to the topic's subscribers.

  #watch(watched: Watched): void {
    const { topic } = watched.audience
    this.#o.engine.watch(topic).then(
      (totals) => this.#moved(topic, watched.totals ?? totals),
      (error: unknown) => {
        this.#o.logger.warn({ reason: String(error) }, 'a topic cannot be watched yet')
        this.#o.clock.after(1000, () => {
          if (this.#watched.get(topic) === watched && !this.#stopped) this.#watch(watched)
        })
      },
    )
  }

  #unwatch(watched: Watched): void {
    const { topic, subscribers } = watched.audience
    if (subscribers.length > 0 || this.#watched.get(topic) !== watched) return
    watched.waiting?.()
    this.#watched.delete(topic)
    this.#o.engine.unwatch(topic).catch((error: unknown) => {
      this.#o.logger.warn({ reason: String(error) }, 'a topic cannot be unwatched')
    })
  }

  #moved(topic: Topic, totals: Totals): void {
    const watched = this.#watched.get(topic)
    if (watched === undefined || this.#stopped) return
    watched.totals = totals
    if (watched.audience.news === undefined) {
      this.#broadcaster.begin(watched.audience, totals)
      return
    }
    if (sameTotals(totals, watched.audience.news.totals)) return
    this.#tellWhenDue(watched)
  }

  #tellWhenDue(watched: Watched): void {
    if (watched.waiting !== undefined || watched.audience.telling) return
    const wait = watched.tellAt - this.#o.clock.now()
    if (wait <= 0) this.#tell(watched)
    else
      watched.waiting = this.#o.clock.after(Math.ceil(wait), () => {
        watched.waiting = undefined
        this.#tell(watched)
      })
  }

  #tell(watched: Watched): void {
    const { audience } = watched
    const totals = watched.totals!
    if (this.#stopped || audience.telling || sameTotals(totals, audience.news!.totals)) return
    watched.tellAt = this.#o.clock.now() + flushInterval(audience.subscribers.length, this.#o.flush)
    this.#broadcaster.tell(audience, totals)
    this.#o.metrics.count('flushes')
    for (const listener of this.#listeners) listener(audience.topic, totals)
  }

  #told(audience: Audience): void {
    const watched = this.#watched.get(audience.topic)
    if (watched?.audience !== audience) return
    if (sameTotals(watched.totals!, audience.news!.totals)) return
    this.#o.turn.work(() => this.#tellWhenDue(watched))
  }
}

import { type Group, sameTotals, type Totals } from '@headcount/protocol'
import type { Engine, Topic } from '../engine/engine.js'
import type { Clock } from '../runtime/clock.js'
import type { Logger } from '../runtime/logger.js'
import type { Metrics } from '../runtime/metrics.js'
import type { Turn } from '../runtime/turn.js'
import { Audience, Broadcaster, type Subscriber } from './broadcaster.js'
import { type FlushSettings, flushInterval } from './flush-interval.js'

export interface TellerOptions {
  readonly engine: Engine
  readonly groups: readonly Group[]
  readonly flush: FlushSettings
  readonly clock: Clock
  readonly turn: Turn
  readonly logger: Logger
  readonly metrics: Metrics
}

/** How long, in ms, until a topic that could not be watched is tried again. */
const retry = 1000

/** One topic that this replica has subscribers of. */
class Watched {
  readonly audience: Audience
  /** The newest totals that the engine has said; undefined until it has said any. */
  totals: Totals | undefined
  /** When the flush that is being told began. */
  toldAt = 0
  /** When the topic may be told again. */
  tellAt = 0
  /** Undoes the timer that waits for it. */
  waiting: (() => void) | undefined

  constructor(topic: Topic) {
    this.audience = new Audience(topic)
  }
}

/** The way in: what the cluster says of the topics that have subscribers here, told to them when the flush rule allows. */
export class Teller {
  readonly #o: TellerOptions
  readonly #broadcaster: Broadcaster
  readonly #watched = new Map<Topic, Watched>()
  readonly #listeners = new Set<(topic: Topic, totals: Totals) => void>()
  #stopped = false

  constructor(options: TellerOptions) {
    this.#o = options
    const { groups, clock, turn, flush } = options
    const done = (audience: Audience): void => this.#told(audience)
    this.#broadcaster = new Broadcaster({ groups, clock, turn, share: flush.share, done })
  }

  /** Nobody is told of anything any more. */
  stop(): void {
    this.#stopped = true
    for (const watched of this.#watched.values()) watched.waiting?.()
  }

  get topics(): number {
    return this.#watched.size
  }

  /** What the topic's subscribers here were told last; undefined where there are none, or nothing is known yet. */
  told(topic: Topic): Totals | undefined {
    return this.#watched.get(topic)?.audience.news?.totals
  }

  /** The topic's flush interval, in ms. */
  interval(topic: Topic): number {
    return flushInterval(this.#watched.get(topic)?.audience.subscribers.length ?? 0, this.#o.flush)
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

  #watch(watched: Watched): void {
    const { topic } = watched.audience
    this.#o.engine.watch(topic).then(
      (totals) => {
        // Where all left meanwhile and some came back, this answers nobody: it is older than what they have heard.
        if (this.#watched.get(topic) === watched) this.moved(topic, watched.totals ?? totals)
      },
      (error: unknown) => {
        this.#o.logger.warn({ reason: String(error) }, 'a topic cannot be watched yet')
        this.#o.clock.after(retry, () => {
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
      // An engine that closes watches nothing any more.
      if (!this.#stopped) this.#o.logger.warn({ reason: String(error) }, 'a topic cannot be unwatched')
    })
  }

  /** The engine's word on a topic. */
  moved(topic: Topic, totals: Totals): void {
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
    watched.toldAt = this.#o.clock.now()
    watched.tellAt = watched.toldAt + flushInterval(audience.subscribers.length, this.#o.flush)
    this.#broadcaster.tell(audience, totals)
    this.#o.metrics.count('flushes')
    for (const listener of this.#listeners) listener(audience.topic, totals)
  }

  #told(audience: Audience): void {
    const watched = this.#watched.get(audience.topic)
    if (watched?.audience !== audience) return
    this.#o.metrics.observe('flush', (this.#o.clock.now() - watched.toldAt) / 1000)
    if (sameTotals(watched.totals!, audience.news!.totals)) return
    this.#o.turn.work(() => this.#tellWhenDue(watched))
  }
}

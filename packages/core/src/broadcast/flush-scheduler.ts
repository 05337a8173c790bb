import { type Group, sameTotals } from '@headcount/protocol'
import type { Topic } from '../engine/engine.js'
import { isInternal } from '../engine/internal-topics.js'
import { Broadcaster } from './broadcaster.js'
import { type FlushSettings, flushInterval } from './flush-interval.js'
import type { Subscriber } from './subscriber.js'
import type { Update } from './update.js'
import type { WatchedTopic } from './watched-topic.js'
import { WatchedTopics, type WatchedTopicsOptions } from './watched-topics.js'

export interface FlushSchedulerOptions extends WatchedTopicsOptions {
  readonly groups: readonly Group[]
  readonly flush: FlushSettings
}

/** Decides when a watched topic is flushed: when the counts that it shows are broadcast to its subscribers. */
export class FlushScheduler {
  readonly watched: WatchedTopics
  readonly #broadcaster: Broadcaster
  readonly #listeners = new Set<(update: Update) => void>()

  constructor(private readonly options: FlushSchedulerOptions) {
    this.watched = new WatchedTopics(options, (watched) => this.#planFlush(watched))
    const { groups, clock, turn, flush } = options
    const done = (watched: WatchedTopic): void => this.#flushed(watched)
    this.#broadcaster = new Broadcaster({ groups, clock, turn, share: flush.share, done })
  }

  /** The topic's flush interval, in ms. */
  readonly interval = (topic: Topic): number =>
    flushInterval(this.watched.get(topic)?.subscribers.length ?? 0, this.options.flush)

  /**
   * Calls `listener` at every flush of every topic that has subscribers here, and at the final flushes after the last
   * one left, but not for a topic that is only read. Returns a function that removes it.
   */
  onFlush(listener: (update: Update) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Sends the subscriber the topic's state, now or once it is known, and every change from then on. */
  subscribe(topic: Topic, subscriber: Subscriber): void {
    this.#broadcaster.add(this.watched.subscribe(topic, subscriber), subscriber)
  }

  unsubscribe(topic: Topic, subscriber: Subscriber): void {
    const watched = this.watched.get(topic)
    if (watched === undefined) return
    this.#broadcaster.remove(watched, subscriber)
    if (watched.subscribers.length === 0) this.watched.unwatchLater(watched)
  }

  /** Sends the state to a subscriber that skipped diffs. */
  resume(topic: Topic, subscriber: Subscriber): void {
    const watched = this.watched.get(topic)
    if (watched !== undefined) this.#broadcaster.resume(watched, subscriber)
  }

  /** Broadcasts the shown counts when the flush interval allows, and again when the settle rule changes them. */
  #planFlush(watched: WatchedTopic): void {
    const { clock } = this.options
    watched.cancelSettle()
    if (watched.nextChange < Number.POSITIVE_INFINITY) {
      watched.cancelSettle = clock.after(Math.max(0, Math.ceil(watched.nextChange - clock.now())), () => {
        watched.refresh(clock.now())
        this.#planFlush(watched)
      })
    }
    const { update, shown } = watched
    if (update === undefined) {
      watched.joinDelay.broadcastStarted()
      this.#broadcaster.begin(watched, shown)
      this.#observeVisible(watched)
    } else if (!sameTotals(shown, update.totals)) this.#flushWhenDue(watched)
  }

  #flushWhenDue(watched: WatchedTopic): void {
    watched.dueAt ??= Math.max(this.options.clock.now(), watched.nextFlushAt)
    if (watched.cancelFlush !== undefined || watched.isBroadcasting) return
    const wait = watched.nextFlushAt - this.options.clock.now()
    if (wait <= 0) this.#flush(watched)
    else {
      watched.cancelFlush = this.options.clock.after(Math.ceil(wait), () => {
        watched.cancelFlush = undefined
        this.#flush(watched)
      })
    }
  }

  #flush(watched: WatchedTopic): void {
    const { topic, shown } = watched
    if (this.watched.state === 'stopped') return
    const now = this.options.clock.now()
    const { dueAt = now } = watched
    watched.dueAt = undefined
    if (sameTotals(shown, watched.update!.totals)) return
    this.options.metrics.observe('flush_late', (now - dueAt) / 1000)
    watched.joinDelay.broadcastStarted()
    watched.flushStartedAt = now
    watched.flushedTo = watched.subscribers.length
    watched.nextFlushAt = now + this.interval(topic)
    this.#broadcaster.broadcast(watched, shown)
    this.options.metrics.count('flushes')
    if (isInternal(topic) || this.watched.isOnlyRead(topic)) return
    for (const listener of this.#listeners) this.options.turn.attempt(() => listener(watched.update!))
  }

  /** A broadcast is complete. Totals that arrived during it are broadcast next. */
  #flushed(watched: WatchedTopic): void {
    if (this.watched.get(watched.topic) !== watched) return
    this.options.metrics.observe('flush', (this.options.clock.now() - watched.flushStartedAt) / 1000)
    this.#observeVisible(watched)
    if (sameTotals(watched.shown, watched.update!.totals)) watched.dueAt = undefined
    else this.options.turn.run(() => this.#flushWhenDue(watched))
  }

  #observeVisible({ joinDelay, display: { pattern } }: WatchedTopic): void {
    const joinedAt = joinDelay.broadcastEnded()
    if (joinedAt === undefined) return
    if (pattern !== undefined)
      this.options.metrics.observe('visible', (this.options.clock.now() - joinedAt) / 1000, pattern)
  }
}

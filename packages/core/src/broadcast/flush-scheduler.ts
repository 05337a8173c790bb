import { type Group, isZero, sameTotals, type Totals } from '@headcount/protocol'
import type { Change, Engine, Topic } from '../engine/engine.js'
import { isInternal } from '../engine/internal-topics.js'
import { errorText } from '../runtime/errors.js'
import { log } from '../runtime/log-events.js'
import { LogLimiter } from '../runtime/log-limiter.js'
import type { Runtime } from '../runtime/runtime.js'
import { Broadcaster } from './broadcaster.js'
import { type FlushSettings, flushInterval } from './flush-interval.js'
import type { Subscriber, TopicSubscribers } from './topic-subscribers.js'
import { Update } from './update.js'
import { type TopicDisplay, WatchedTopic } from './watched-topic.js'

export interface FlushSchedulerOptions extends Runtime {
  readonly engine: Engine
  readonly groups: readonly Group[]
  readonly flush: FlushSettings
  display(topic: Topic): TopicDisplay
  /** Time, in ms, between two moments at which topics with a shield change what they show. */
  readonly shieldTick: number
}

/** How the number that a replica shows of a topic came about: each step makes the next totals. All times are in ms. */
export interface TopicView {
  /** What the engine reported last. */
  readonly known: Totals
  /** What the settle rule makes of it. */
  readonly settled: Totals
  /** What the shield makes of that. */
  readonly shown: Totals
  /** What the subscribers were sent last, or are being sent. */
  readonly sent: Totals
  /** How long a decrease waits. */
  readonly settle: number
  /** In how long the settle rule shows less, unless counts rise; null where it holds nothing back. */
  readonly settlesIn: number | null
  /** The smallest count that is shown as a number, and the step of those above it; 0 shows all. */
  readonly shield: number
  readonly subscribers: number
  /** Those of them that skip changes at present, because they read too slowly. */
  readonly slow: number
  /** The newest broadcast: how long ago it began, and how many subscribers there were; null before the first. */
  readonly lastFlush: { readonly ago: number; readonly subscribers: number } | null
}

/** Delay, in ms, before a failed subscription to the engine is retried. */
const retryDelay = 1000

/** Most topics with a shield that are watched for readers alone. */
const maxRead = 10_000

/**
 * How long, in ms, a topic stays watched after its last subscriber left and what it shows is current. The final counts
 * still reach `onFlush` listeners, and a client that comes back at once finds the topic as it was.
 */
const linger = 1000

/**
 * Decides when a topic is broadcast: takes the engine's totals, applies the settle rule, the shield
 * and the flush interval.
 */
export class FlushScheduler {
  readonly #o: FlushSchedulerOptions
  readonly #broadcaster: Broadcaster
  readonly #logs: LogLimiter
  readonly #watched = new Map<Topic, WatchedTopic>()
  /** Topics that are watched because `show` was called, the one that was read longest ago first. */
  readonly #read = new Set<Topic>()
  #joined = 0
  readonly #listeners = new Set<(update: Update) => void>()
  #state: 'starting' | 'running' | 'stopped' = 'starting'

  constructor(options: FlushSchedulerOptions) {
    this.#o = options
    const { groups, clock, turn, flush, logger } = options
    this.#logs = new LogLimiter(clock, logger)
    const done = (subscribers: TopicSubscribers): void => this.#flushed(subscribers)
    this.#broadcaster = new Broadcaster({ groups, clock, turn, share: flush.share, done })
  }

  /** Watches what was subscribed before: the engine is open. */
  start(): void {
    this.#state = 'running'
    for (const watched of this.#watched.values()) this.#watch(watched)
  }

  /** Ends every timer. Nothing is sent after it. */
  stop(): void {
    this.#state = 'stopped'
    for (const watched of this.#watched.values()) watched.cancelTimers()
  }

  /** How many topics are watched here. */
  get topics(): number {
    return this.#watched.size
  }

  /** How many of them somebody joined, also those that all have left since. */
  get joined(): number {
    return this.#joined
  }

  /** What the topic's subscribers here were sent last; undefined where it has none, or is not known yet. */
  lastSent(topic: Topic): Update | undefined {
    const subscribers = this.#watched.get(topic)?.subscribers
    return subscribers === undefined || subscribers.list.length === 0 ? undefined : subscribers.update
  }

  /** How what a topic shows here came about; undefined where it is not watched, or not known yet. */
  view(topic: Topic): TopicView | undefined {
    const watched = this.#watched.get(topic)
    if (!watched?.isKnown) return undefined
    const now = this.#o.clock.now()
    const { subscribers, parts, shown, display, settlesAt, flushedTo, flushStartedAt } = watched
    return {
      ...{ ...parts, shown, settle: display.settle, shield: display.shield, sent: subscribers.update!.totals },
      settlesIn: settlesAt === Number.POSITIVE_INFINITY ? null : Math.max(0, settlesAt - now),
      ...{ subscribers: subscribers.list.length, slow: this.#broadcaster.slow(subscribers) },
      lastFlush: flushedTo === undefined ? null : { ago: now - flushStartedAt, subscribers: flushedTo },
    }
  }

  /** The subscribers of a topic here. */
  subscribers(topic: Topic): readonly Subscriber[] {
    return this.#watched.get(topic)?.subscribers.list ?? []
  }

  /**
   * What a topic without subscribers here shows, given its totals. One with a shield stays watched for a while after
   * each read: it shows a reader no change before a tick, however often it is read. An empty topic does not,
   * so names that a reader invents cost nothing. Before the start and after the end there are no ticks.
   */
  show(topic: Topic, totals: Totals): Update {
    const { shield } = this.#o.display(topic)
    const known = this.#watched.get(topic)
    if (known?.isKnown && !this.#read.has(topic)) return known.subscribers.update!
    if (shield === 0) return new Update(this.#o.groups, topic, totals, totals)
    if (this.#state !== 'running' || (known === undefined && isZero(totals))) {
      const shown = totals.map((count) => count - (count % shield))
      return new Update(this.#o.groups, topic, shown, shown, shield)
    }
    const watched = known ?? this.#open(topic)
    if (!watched.isKnown) this.receiveTotals(topic, totals)
    if (known === undefined || this.#read.has(topic)) this.#keepForReaders(watched)
    return watched.subscribers.update!
  }

  /** The topic's flush interval, in ms. */
  readonly interval = (topic: Topic): number =>
    flushInterval(this.#watched.get(topic)?.subscribers.list.length ?? 0, this.#o.flush)

  /**
   * Calls `listener` at every flush of every topic that has subscribers here, and at the flushes in the moment after
   * the last of them left; at none of a topic that is only read. Returns a function that removes it.
   */
  onFlush(listener: (update: Update) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Sends the subscriber the topic's state, now or once it is known, and every change from then on. */
  subscribe(topic: Topic, subscriber: Subscriber): void {
    const watched = this.#watched.get(topic) ?? this.#open(topic)
    watched.cancelUnwatch()
    this.#read.delete(topic)
    if (!subscriber.onlyReads && !watched.isJoined) {
      watched.isJoined = true
      this.#joined += 1
    }
    this.#broadcaster.add(watched.subscribers, subscriber)
  }

  unsubscribe(topic: Topic, subscriber: Subscriber): void {
    const watched = this.#watched.get(topic)
    if (watched === undefined) return
    this.#broadcaster.remove(watched.subscribers, subscriber)
    if (watched.subscribers.list.length > 0 || this.#state === 'stopped') return
    this.#unwatchLater(watched)
  }

  /** Sends the state to a subscriber that skipped diffs. */
  resume(topic: Topic, subscriber: Subscriber): void {
    const watched = this.#watched.get(topic)
    if (watched !== undefined) this.#broadcaster.resume(watched.subscribers, subscriber)
  }

  /** Takes the engine's totals of a topic. */
  readonly receiveTotals = (topic: Topic, totals: Totals): void => {
    const watched = this.#watched.get(topic)
    if (watched === undefined || this.#state === 'stopped') return
    watched.push(totals, this.#o.clock.now())
    this.#update(watched)
  }

  #open(topic: Topic): WatchedTopic {
    const { clock, shieldTick: tick, display } = this.#o
    const watched = new WatchedTopic(topic, display(topic), { tick, origin: clock.origin })
    this.#watched.set(topic, watched)
    if (this.#state === 'running') this.#watch(watched)
    return watched
  }

  /** Takes note of changes of this replica that are about to be committed, and when the first of them was made. */
  committing(changes: readonly Change[], since: number): void {
    for (const change of changes) this.#watched.get(change.topic)?.joinDelay.committing(change, since)
  }

  /** Takes note of changes that the engine has accepted, after it has reported their totals. */
  committed(changes: readonly Change[]): void {
    for (const { topic } of changes) {
      const watched = this.#watched.get(topic)
      if (watched?.isKnown && watched.dueAt === undefined) watched.joinDelay.showsAll()
    }
  }

  #watch(watched: WatchedTopic): void {
    const { topic } = watched.subscribers
    this.#o.engine.watch(topic).then(
      (totals) => {
        // Stale response: the topic was unwatched and watched again while this request was in flight, or
        // `receiveTotals` has delivered newer totals.
        if (this.#watched.get(topic) === watched && !watched.isKnown) this.receiveTotals(topic, totals)
      },
      (error: unknown) => {
        log(this.#logs.by('watch'), 'watch_failed', { reason: errorText(error) })
        this.#o.clock.after(retryDelay, () => {
          if (this.#watched.get(topic) === watched && this.#state === 'running') this.#watch(watched)
        })
      },
    )
  }

  #unwatchLater(watched: WatchedTopic): void {
    watched.cancelUnwatch()
    const memory = watched.isEmpty ? 0 : watched.memory
    watched.cancelUnwatch = this.#o.clock.after(memory + linger, () => this.#unwatch(watched))
  }

  /** Watches a topic for as long as it is read, or until so many others were read that it is the oldest. */
  #keepForReaders(watched: WatchedTopic): void {
    const { topic } = watched.subscribers
    this.#read.delete(topic)
    this.#read.add(topic)
    this.#unwatchLater(watched)
    const [oldest] = this.#read
    if (this.#read.size > maxRead) this.#unwatch(this.#watched.get(oldest!)!)
  }

  #unwatch(watched: WatchedTopic): void {
    const { topic } = watched.subscribers
    watched.cancelTimers()
    this.#watched.delete(topic)
    this.#read.delete(topic)
    if (watched.isJoined) this.#joined -= 1
    this.#o.engine.unwatch(topic).catch((error: unknown) => {
      if (this.#state === 'running') log(this.#logs.by('unwatch'), 'unwatch_failed', { reason: errorText(error) })
    })
  }

  /** Broadcasts what the topic shows, when the flush interval allows, and again when the settle rule changes it. */
  #update(watched: WatchedTopic): void {
    const { clock } = this.#o
    watched.cancelSettle()
    if (watched.nextChange < Number.POSITIVE_INFINITY) {
      watched.cancelSettle = clock.after(Math.max(0, Math.ceil(watched.nextChange - clock.now())), () => {
        watched.refresh(clock.now())
        this.#update(watched)
      })
    }
    const { subscribers, shown } = watched
    if (subscribers.update === undefined) {
      watched.joinDelay.broadcastStarted()
      this.#broadcaster.begin(subscribers, shown)
      this.#observeVisible(watched)
    } else if (!sameTotals(shown, subscribers.update.totals)) this.#flushWhenDue(watched)
  }

  #flushWhenDue(watched: WatchedTopic): void {
    watched.dueAt ??= Math.max(this.#o.clock.now(), watched.nextFlushAt)
    if (watched.isFlushScheduled || watched.subscribers.isBroadcasting) return
    const wait = watched.nextFlushAt - this.#o.clock.now()
    if (wait <= 0) this.#flush(watched)
    else watched.scheduleFlush(this.#o.clock, Math.ceil(wait), () => this.#flush(watched))
  }

  #flush(watched: WatchedTopic): void {
    const { subscribers, shown } = watched
    if (this.#state === 'stopped' || subscribers.isBroadcasting) return
    const now = this.#o.clock.now()
    const { dueAt = now } = watched
    watched.dueAt = undefined
    if (sameTotals(shown, subscribers.update!.totals)) return
    this.#o.metrics.observe('flush_late', (now - dueAt) / 1000)
    watched.joinDelay.broadcastStarted()
    watched.flushStarted(now, this.interval(subscribers.topic))
    this.#broadcaster.broadcast(subscribers, shown)
    this.#o.metrics.count('flushes')
    if (isInternal(subscribers.topic) || this.#read.has(subscribers.topic)) return
    for (const listener of this.#listeners) this.#o.turn.attempt(() => listener(subscribers.update!))
  }

  /** A broadcast is complete. Totals that arrived meanwhile are broadcast next. */
  #flushed(subscribers: TopicSubscribers): void {
    const watched = this.#watched.get(subscribers.topic)
    if (watched?.subscribers !== subscribers) return
    this.#o.metrics.observe('flush', (this.#o.clock.now() - watched.flushStartedAt) / 1000)
    this.#observeVisible(watched)
    if (sameTotals(watched.shown, subscribers.update!.totals)) watched.dueAt = undefined
    else this.#o.turn.run(() => this.#flushWhenDue(watched))
  }

  #observeVisible({ joinDelay, display: { pattern } }: WatchedTopic): void {
    const joinedAt = joinDelay.broadcastEnded()
    if (joinedAt === undefined) return
    if (pattern !== undefined) this.#o.metrics.observe('visible', (this.#o.clock.now() - joinedAt) / 1000, pattern)
  }
}

import type { Totals } from '@headcount/protocol'
import type { Engine, Topic } from '../engine/engine.js'
import { errorText } from '../runtime/errors.js'
import { log } from '../runtime/log-events.js'
import { LogLimiter } from '../runtime/log-limiter.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Subscriber } from './subscriber.js'
import { type TopicDisplay, WatchedTopic } from './watched-topic.js'

export interface WatchedTopicsOptions extends Runtime {
  readonly engine: Engine
  display(topic: Topic): TopicDisplay
  /** Time, in ms, between two ticks, at which topics with a shield change their shown counts. */
  readonly shieldTick: number
}

/** Delay, in ms, before a failed subscription to the engine is retried. */
const retryDelay = 1000

/** Maximum number of topics with a settle time or a shield that are watched only for readers. */
const maxRead = 10_000

/**
 * How long, in ms, a topic stays watched after its last subscriber left and it shows the current counts. So `onFlush`
 * listeners receive the final counts, and a client that comes back at once finds the topic as it was.
 */
const linger = 1000

/** The topics that this replica watches at the engine: for their subscribers, and for a while after each read. */
export class WatchedTopics {
  readonly #logs: LogLimiter
  readonly #topics = new Map<Topic, WatchedTopic>()
  /** Topics that are watched only for readers, the least recently read first. */
  readonly #onlyRead = new Set<Topic>()
  #joined = 0
  #state: 'starting' | 'running' | 'stopped' = 'starting'

  /** @param changed is called when a topic has received totals of the engine. */
  constructor(
    private readonly options: WatchedTopicsOptions,
    private readonly changed: (watched: WatchedTopic) => void,
  ) {
    this.#logs = new LogLimiter(options.clock, options.logger)
  }

  /** The engine is open: watches the topics that were subscribed before. */
  start(): void {
    this.#state = 'running'
    for (const watched of this.#topics.values()) this.#watch(watched)
  }

  /** Ends every timer. Nothing is broadcast after it. */
  stop(): void {
    this.#state = 'stopped'
    for (const watched of this.#topics.values()) watched.cancelTimers()
  }

  get state(): 'starting' | 'running' | 'stopped' {
    return this.#state
  }

  get size(): number {
    return this.#topics.size
  }

  /** The number of those that were joined, including empty ones. */
  get joined(): number {
    return this.#joined
  }

  get(topic: Topic): WatchedTopic | undefined {
    return this.#topics.get(topic)
  }

  isOnlyRead(topic: Topic): boolean {
    return this.#onlyRead.has(topic)
  }

  /** Takes the engine's totals of a topic. */
  readonly receiveTotals = (topic: Topic, totals: Totals): void => {
    const watched = this.#topics.get(topic)
    if (watched === undefined || this.#state === 'stopped') return
    watched.isReported = true
    watched.push(totals, this.options.clock.now())
    this.changed(watched)
  }

  /** Watches a topic until its last subscriber has left. */
  subscribe(topic: Topic, { onlyReads }: Subscriber): WatchedTopic {
    const watched = this.#topics.get(topic) ?? this.#open(topic)
    watched.cancelUnwatch()
    this.#onlyRead.delete(topic)
    if (!onlyReads && !watched.isJoined) {
      watched.isJoined = true
      this.#joined += 1
    }
    return watched
  }

  /**
   * Watches a topic for readers: for as long as it is read, or until it is the least recently read and the limit is
   * reached.
   * @param totals of the engine, for a topic that has none yet.
   */
  keepForReader(topic: Topic, totals: Totals): WatchedTopic {
    const known = this.#topics.get(topic)
    const watched = known ?? this.#open(topic)
    if (!watched.isKnown) {
      this.receiveTotals(topic, totals)
      watched.isReported = false
    }
    if (known !== undefined && !this.#onlyRead.has(topic)) return watched
    this.#onlyRead.delete(topic)
    this.#onlyRead.add(topic)
    this.unwatchLater(watched)
    const [oldest] = this.#onlyRead
    if (this.#onlyRead.size > maxRead) this.#unwatch(this.#topics.get(oldest!)!)
    return watched
  }

  /** Unwatches a topic that has no subscribers, unless it gets one before it has shown its final counts. */
  unwatchLater(watched: WatchedTopic): void {
    if (this.#state === 'stopped') return
    watched.cancelUnwatch()
    const memory = watched.isEmpty ? 0 : watched.memory
    watched.cancelUnwatch = this.options.clock.after(memory + linger, () => this.#unwatch(watched))
  }

  #open(topic: Topic): WatchedTopic {
    const { clock, shieldTick: tick, display } = this.options
    const watched = new WatchedTopic(topic, display(topic), { tick, origin: clock.origin })
    this.#topics.set(topic, watched)
    if (this.#state === 'running') this.#watch(watched)
    return watched
  }

  #watch(watched: WatchedTopic): void {
    const { topic } = watched
    this.options.engine.watch(topic).then(
      (totals) => {
        // Stale response: the topic was unwatched and watched again while this request was in flight, or
        // `receiveTotals` has delivered newer totals.
        if (this.#topics.get(topic) === watched && !watched.isReported) this.receiveTotals(topic, totals)
      },
      (error: unknown) => {
        log(this.#logs.by('watch'), 'watch_failed', { reason: errorText(error) })
        this.options.clock.after(retryDelay, () => {
          if (this.#topics.get(topic) === watched && this.#state === 'running') this.#watch(watched)
        })
      },
    )
  }

  #unwatch(watched: WatchedTopic): void {
    const { topic } = watched
    watched.cancelTimers()
    this.#topics.delete(topic)
    this.#onlyRead.delete(topic)
    if (watched.isJoined) this.#joined -= 1
    this.options.engine.unwatch(topic).catch((error: unknown) => {
      if (this.#state === 'running') log(this.#logs.by('unwatch'), 'unwatch_failed', { reason: errorText(error) })
    })
  }
}

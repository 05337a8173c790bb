import type { Subscriber } from './broadcast/subscriber.js'
import type { Update } from './broadcast/update.js'
import type { Presence } from './counting/presence.js'
import type { Topic } from './engine/engine.js'
import { internalTopic } from './engine/internal-topics.js'
import type { Replica } from './replica.js'
import type { Runtime } from './runtime/runtime.js'

export interface CanaryOptions extends Pick<Runtime, 'clock' | 'metrics'> {
  /** Each replica has its own topic. */
  readonly replica: Replica
  /** Time, in ms, between two measurements. */
  readonly interval: number
}

/** Maximum delay, in ms, before a measurement notices that the engine accepts commits again. */
const maxWait = 1000

const presence: Presence = { group: 0, person: null }

/**
 * Measures how old counts are: it joins and leaves its own topic in turn, as a client would, and measures the time
 * until it is sent the count. A count that the engine has not accepted does not end the measurement: other replicas do
 * not show it.
 */
export class Canary implements Subscriber {
  index = -1
  lastFlush = 0
  readonly #topic: Topic
  #state: 'new' | 'running' | 'stopped' = 'new'
  /** Whether it has joined its topic, and whether the last counts that it was sent include it. */
  #isPresent = false
  #isShown = false
  /** When the current measurement began; undefined between two of them. */
  #changedAt: number | undefined
  #nextAt = 0
  /** The result of the last measurement, in ms. */
  #last = 0
  #cancelTimer = (): void => {}

  constructor(private readonly options: CanaryOptions) {
    this.#topic = internalTopic(`canary ${options.replica.id}`)
  }

  /** Starts measuring: the replica has started. */
  start(): void {
    if (this.#state === 'stopped') return
    this.#state = 'running'
    this.#nextAt = this.options.clock.now() + this.options.interval
    this.options.replica.scheduler.subscribe(this.#topic, this)
    this.#schedule()
  }

  stop(): void {
    this.#state = 'stopped'
    this.#changedAt = undefined
    this.#cancelTimer()
    const { tracker, scheduler } = this.options.replica
    if (this.#isPresent) tracker.untrack(this.#topic, presence)
    this.#isPresent = false
    scheduler.unsubscribe(this.#topic, this)
  }

  /** Whether it is a subscriber of its topic. */
  get isWatching(): boolean {
    return this.#state === 'running'
  }

  /** The result of the last measurement, in ms, or the duration of the current one if that is longer. */
  get staleness(): number {
    return this.#changedAt === undefined ? this.#last : Math.max(this.#last, this.options.clock.now() - this.#changedAt)
  }

  state({ totals }: Update): void {
    this.#isShown = totals.some((count) => count > 0)
    this.#check()
  }

  diff(update: Update): boolean {
    this.state(update)
    return true
  }

  #schedule(): void {
    const { clock, interval } = this.options
    const wait = this.#changedAt === undefined ? this.#nextAt - clock.now() : Math.min(interval, maxWait)
    this.#cancelTimer = clock.after(Math.max(0, wait), () => {
      if (this.#changedAt !== undefined) this.#check()
      else if (clock.now() >= this.#nextAt) this.#change()
      this.#schedule()
    })
  }

  #change(): void {
    const { replica, clock, interval } = this.options
    this.#changedAt = clock.now()
    this.#nextAt = this.#changedAt + interval
    this.#isPresent = !this.#isPresent
    if (this.#isPresent) replica.tracker.track(this.#topic, presence)
    else replica.tracker.untrack(this.#topic, presence)
  }

  #check(): void {
    const { replica, clock, metrics } = this.options
    const isVisible = this.#isShown === this.#isPresent && replica.trouble === undefined
    if (this.#changedAt === undefined || !isVisible) return
    this.#last = clock.now() - this.#changedAt
    this.#changedAt = undefined
    metrics.observe('freshness', this.#last / 1000)
  }
}

import type { Totals } from '@headcount/protocol'
import type { Topic } from '../engine/engine.js'
import type { Clock } from '../runtime/clock.js'
import { SettleWindow } from './settle.js'
import { TopicSubscribers } from './topic-subscribers.js'

const noop = (): void => {}

/** One topic that this replica watches: its subscribers, what it shows, and its timers. */
export class WatchedTopic {
  readonly subscribers: TopicSubscribers
  readonly #window: SettleWindow
  #shown: Totals | undefined
  /** When the last flush began. */
  flushStartedAt = 0
  /** When the next flush may begin. */
  nextFlushAt = 0
  cancelSettle = noop
  cancelUnwatch = noop
  #cancelFlush: (() => void) | undefined

  /** @param settle how long, in ms, a decrease waits before it is shown. */
  constructor(
    topic: Topic,
    readonly settle: number,
  ) {
    this.subscribers = new TopicSubscribers(topic)
    this.#window = new SettleWindow(settle)
  }

  /** Whether the engine has reported any totals yet. */
  get isKnown(): boolean {
    return this.#shown !== undefined
  }

  /** What the topic shows, once it is known. */
  get shown(): Totals {
    return this.#shown!
  }

  /** Records totals of the engine. */
  push(totals: Totals, now: number): void {
    this.#window.push(totals, now)
    this.refresh(now)
  }

  /** Brings `shown` up to date as time passes. */
  refresh(now: number): void {
    this.#shown = this.#window.shown(now)
  }

  /** When `shown` changes by the passing of time; infinity where it does not. */
  get nextChange(): number {
    return this.#window.nextChange
  }

  get isFlushScheduled(): boolean {
    return this.#cancelFlush !== undefined
  }

  scheduleFlush(clock: Clock, ms: number, flush: () => void): void {
    this.#cancelFlush = clock.after(ms, () => {
      this.#cancelFlush = undefined
      flush()
    })
  }

  flushStarted(now: number, interval: number): void {
    this.flushStartedAt = now
    this.nextFlushAt = now + interval
  }

  cancelTimers(): void {
    this.cancelSettle()
    this.cancelUnwatch()
    this.#cancelFlush?.()
  }
}

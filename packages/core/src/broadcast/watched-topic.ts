import { isZero, type Totals } from '@headcount/protocol'
import type { Topic } from '../engine/engine.js'
import { JoinDelay } from './join-delay.js'
import { SettleWindow } from './settle.js'
import { Shield, type ShieldTicks } from './shield.js'
import { type Subscriber, skipping } from './subscriber.js'
import type { TopicView } from './topic-view.js'
import type { Update } from './update.js'

const noop = (): void => {}

export interface TopicDisplay {
  /** How long, in ms, a decrease waits before it is shown. */
  readonly settle: number
  /** The smallest count that is shown as a number, and the step of those above it; 0 shows all. */
  readonly shield: number
  /** Its pattern, for metrics. Absent for a topic that is in no metric. */
  readonly pattern?: string
}

/** One topic that this replica watches: its subscribers, the counts it shows, its broadcast, and its timers. */
export class WatchedTopic {
  readonly subscribers: Subscriber[] = []
  /** The update that every subscriber was sent, or is being sent in this flush. Undefined until totals are known. */
  update: Update | undefined
  flushNumber = 0
  /** Index of the next subscriber to be sent this flush. Counts down; below 0 once the broadcast is complete. */
  cursor = -1
  /** How long, in ms, totals may still be shown after they have changed. */
  readonly memory: number
  readonly #window: SettleWindow
  readonly #shield: Shield | undefined
  #settled: Totals | undefined
  #shown: Totals | undefined
  /** When the last flush began. */
  flushStartedAt = 0
  /** How many subscribers there were then; undefined before the first flush. */
  flushedTo: number | undefined
  /** When the next flush may begin. */
  nextFlushAt = 0
  /** When the shown counts should be broadcast; undefined if every subscriber has been sent them. */
  dueAt: number | undefined
  /** Whether its totals are those that the engine reported since it is watched: those of a read may be older. */
  isReported = false
  /** Whether it has had a subscriber that is a channel. */
  isJoined = false
  readonly joinDelay = new JoinDelay()
  cancelSettle = noop
  cancelUnwatch = noop
  /** Undefined while no flush is scheduled. */
  cancelFlush: (() => void) | undefined

  constructor(
    readonly topic: Topic,
    readonly display: TopicDisplay,
    ticks: ShieldTicks,
  ) {
    const { settle, shield } = display
    this.memory = settle + (shield > 0 ? 2 * ticks.tick : 0)
    this.#window = new SettleWindow(settle)
    if (shield > 0) this.#shield = new Shield(shield, ticks)
  }

  get isBroadcasting(): boolean {
    return this.cursor >= 0
  }

  /** Whether the engine has reported any totals yet. */
  get isKnown(): boolean {
    return this.#shown !== undefined
  }

  /** The shown totals, once the totals are known. */
  get shown(): Totals {
    return this.#shown!
  }

  /** Records new totals of the engine. */
  push(totals: Totals, now: number): void {
    this.#window.push(totals, now)
    this.refresh(now)
  }

  /** Brings `shown` up to date as time passes. */
  refresh(now: number): void {
    const before = this.#settled
    this.#settled = this.#window.shown(now)
    if (this.#settled !== undefined && this.#settled !== before) this.#shield?.push(this.#settled, now)
    this.#shown = this.#shield === undefined ? this.#settled : this.#shield.shown(now)
  }

  /** Whether it is empty and is shown as empty, so it need not be kept. */
  get isEmpty(): boolean {
    const isSettled = this.nextChange === Number.POSITIVE_INFINITY
    return !this.isKnown || (isSettled && isZero(this.#settled!) && isZero(this.shown))
  }

  /** When `shown` changes without new totals; infinity if it does not. */
  get nextChange(): number {
    return Math.min(this.#window.nextChange, this.#shield?.nextChange ?? Number.POSITIVE_INFINITY)
  }

  /** How it derives the counts that it shows; undefined if its totals are not known yet. */
  view(now: number): TopicView | undefined {
    if (!this.isKnown) return undefined
    const { settle, shield } = this.display
    const { subscribers, update } = this
    const settlesAt = this.#window.nextChange
    return {
      ...{ known: this.#window.current!, settled: this.#settled!, shown: this.shown, sent: update!.totals },
      ...{ settle, settlesIn: settlesAt === Number.POSITIVE_INFINITY ? null : Math.max(0, settlesAt - now), shield },
      ...{
        subscribers: subscribers.length,
        slow: subscribers.filter(({ lastFlush }) => lastFlush === skipping).length,
      },
      lastFlush: this.flushedTo === undefined ? null : { ago: now - this.flushStartedAt, subscribers: this.flushedTo },
    }
  }

  cancelTimers(): void {
    this.cancelSettle()
    this.cancelUnwatch()
    this.cancelFlush?.()
  }
}

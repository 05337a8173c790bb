import { type Group, sameTotals, type Totals } from '@headcount/protocol'
import type { Clock } from '../runtime/clock.js'
import type { Turn } from '../runtime/turn.js'
import { TimeBudget } from './time-budget.js'
import { type Subscriber, skipping, type TopicSubscribers } from './topic-subscribers.js'
import { Update } from './update.js'

/**
 * Subscribers sent per turn of the event loop, at a share of a half or more. A smaller share gets proportionally fewer,
 * so that a quiet topic does not wait long for the budget.
 */
const maxPerTurn = 1000
/** Subscribers of one topic sent before the next topic gets its slice. */
const sliceSize = 32

export interface BroadcasterOptions {
  readonly groups: readonly Group[]
  /** The share of the event loop's time that broadcasts may use, above 0, up to 1. */
  readonly share: number
  readonly clock: Clock
  readonly turn: Turn
  /** Called when every subscriber of a topic has been sent the current flush. */
  done(subscribers: TopicSubscribers): void
}

/**
 * Sends every subscriber exactly the committed counts, in order: a state, then every diff after it. A large topic is
 * sent in slices over several turns, and all broadcasts together keep to their share of the time.
 *
 * Invariant: a broadcast walks the list from its end. New subscribers are appended behind the cursor and start with the
 * new state. Removal swaps in the last element, which has been visited already or carries the current flush number. A
 * subscriber's `lastFlush` prevents a flush from being sent to it twice.
 */
export class Broadcaster {
  readonly #budget: TimeBudget
  readonly #perTurn: number
  /** Topics with a broadcast in progress, in the order of their next slice. */
  readonly #queue: TopicSubscribers[] = []
  /** When this turn's first slice began, and how many subscribers may still be sent in this turn. */
  #began: number | undefined
  #left: number
  #scheduled = false

  constructor(private readonly options: BroadcasterOptions) {
    this.#budget = new TimeBudget(options.share)
    this.#perTurn = Math.ceil(Math.min(1, 2 * options.share) * maxPerTurn)
    this.#left = this.#perTurn
  }

  /** Adds a subscriber. It is sent the state now, or once the totals are known. */
  add(subscribers: TopicSubscribers, subscriber: Subscriber): void {
    subscriber.index = subscribers.list.length
    subscriber.lastFlush = subscribers.flushNumber
    subscribers.list.push(subscriber)
    if (subscribers.update !== undefined) subscriber.state(subscribers.update)
  }

  remove({ list }: TopicSubscribers, subscriber: Subscriber): void {
    if (list[subscriber.index] !== subscriber) return
    const last = list.pop()!
    if (last !== subscriber) {
      list[subscriber.index] = last
      last.index = subscriber.index
    }
    subscriber.index = -1
  }

  /** Sends the state to the subscribers that are waiting for it: the totals are known for the first time. */
  begin(subscribers: TopicSubscribers, totals: Totals): void {
    subscribers.update = new Update(this.options.groups, subscribers.topic, totals, totals, subscribers.below)
    for (const subscriber of subscribers.list) subscriber.state(subscribers.update)
  }

  /** Broadcasts new totals. Must not be called while the topic's previous broadcast is in progress. */
  broadcast(subscribers: TopicSubscribers, totals: Totals): void {
    const before = subscribers.update!.totals
    if (sameTotals(before, totals)) return
    subscribers.update = new Update(this.options.groups, subscribers.topic, before, totals, subscribers.below)
    subscribers.flushNumber += 1
    subscribers.cursor = subscribers.list.length - 1
    this.#queue.push(subscribers)
    this.#start()
  }

  /** Sends the state to a subscriber that skipped diffs and can receive again. */
  resume(subscribers: TopicSubscribers, subscriber: Subscriber): void {
    if (subscriber.lastFlush !== skipping || subscribers.list[subscriber.index] !== subscriber) return
    if (subscribers.update === undefined) return
    subscriber.lastFlush = subscribers.flushNumber
    subscriber.state(subscribers.update)
  }

  #start(): void {
    if (this.#scheduled || this.#queue.length === 0) return
    const wait = this.#began === undefined ? this.#budget.wait(this.options.clock.now()) : 0
    if (wait === 0) this.#sendSlices()
    else {
      this.#scheduled = true
      this.options.clock.after(Math.ceil(wait), () => this.#continue())
    }
  }

  #continue(): void {
    this.#scheduled = false
    this.#sendSlices()
  }

  #sendSlices(): void {
    if (this.#began === undefined) {
      this.#began = this.options.clock.now()
      this.options.turn.afterWrites(() => this.#endTurn())
    }
    while (this.#left > 0) {
      const subscribers = this.#queue.shift()
      if (subscribers === undefined) return
      this.#left -= this.#sendSlice(subscribers, Math.min(this.#left, sliceSize))
      if (subscribers.isBroadcasting) this.#queue.push(subscribers)
      else this.options.done(subscribers)
    }
  }

  /** Charges the budget with this turn's slices, now that their frames are written, and schedules the rest. */
  #endTurn(): void {
    const { clock, turn } = this.options
    this.#budget.spend(this.#began!, clock.now())
    this.#began = undefined
    this.#left = this.#perTurn
    if (this.#scheduled || this.#queue.length === 0) return
    if (this.#budget.wait(clock.now()) > 0) this.#start()
    else {
      this.#scheduled = true
      turn.run(() => this.#continue())
    }
  }

  /** Sends the update to at most `max` subscribers. Returns how many it was sent to, at least 1. */
  #sendSlice(subscribers: TopicSubscribers, max: number): number {
    const { list, flushNumber } = subscribers
    const update = subscribers.update!
    let sent = 0
    let cursor = Math.min(subscribers.cursor, list.length - 1)
    for (; cursor >= 0 && sent < max; cursor--) {
      const subscriber = list[cursor]!
      if (subscriber.lastFlush !== flushNumber - 1) continue
      subscriber.lastFlush = subscriber.diff(update) ? flushNumber : skipping
      sent += 1
    }
    subscribers.cursor = cursor
    return Math.max(sent, 1)
  }
}

import type { Group, Totals } from '@headcount/protocol'
import type { Runtime } from '../runtime/runtime.js'
import type { FlushSettings } from './flush-interval.js'
import { type Subscriber, skipping } from './subscriber.js'
import { TimeBudget } from './time-budget.js'
import { Update } from './update.js'
import type { WatchedTopic } from './watched-topic.js'

/**
 * Subscribers sent per turn of the event loop, at a share of a half or more. A smaller share gets proportionally fewer,
 * so that a quiet topic does not wait long for the budget.
 */
const maxPerTurn = 1000
/** Subscribers of one topic sent before the next topic gets its slice. */
const sliceSize = 32

export interface BroadcasterOptions extends Pick<Runtime, 'clock' | 'turn'>, Pick<FlushSettings, 'share'> {
  readonly groups: readonly Group[]
  /** Called when every subscriber of a topic has been sent the current flush. */
  done(watched: WatchedTopic): void
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
  readonly #queue: WatchedTopic[] = []
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
  add(watched: WatchedTopic, subscriber: Subscriber): void {
    subscriber.index = watched.subscribers.length
    subscriber.lastFlush = watched.flushNumber
    watched.subscribers.push(subscriber)
    if (watched.update !== undefined) subscriber.state(watched.update)
  }

  remove({ subscribers }: WatchedTopic, subscriber: Subscriber): void {
    if (subscribers[subscriber.index] !== subscriber) return
    const last = subscribers.pop()!
    if (last !== subscriber) {
      subscribers[subscriber.index] = last
      last.index = subscriber.index
    }
  }

  /** Sends the state to the subscribers that are waiting for it: the totals are known for the first time. */
  begin(watched: WatchedTopic, totals: Totals): void {
    watched.update = new Update(this.options.groups, watched.topic, totals, totals, watched.display.shield)
    for (const subscriber of watched.subscribers) subscriber.state(watched.update)
  }

  /** Broadcasts new totals. Must not be called while the topic's previous broadcast is in progress. */
  broadcast(watched: WatchedTopic, totals: Totals): void {
    const before = watched.update!.totals
    watched.update = new Update(this.options.groups, watched.topic, before, totals, watched.display.shield)
    watched.flushNumber += 1
    watched.cursor = watched.subscribers.length - 1
    this.#queue.push(watched)
    this.#start()
  }

  /** Sends the state to a subscriber that skipped diffs and can receive again. */
  resume(watched: WatchedTopic, subscriber: Subscriber): void {
    if (subscriber.lastFlush !== skipping || watched.subscribers[subscriber.index] !== subscriber) return
    subscriber.lastFlush = watched.flushNumber
    subscriber.state(watched.update!)
  }

  #start(): void {
    if (this.#scheduled) return
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
      const watched = this.#queue.shift()
      if (watched === undefined) return
      this.#left -= this.#sendSlice(watched, Math.min(this.#left, sliceSize))
      if (watched.isBroadcasting) this.#queue.push(watched)
      else this.options.done(watched)
    }
  }

  /** Charges the budget with this turn's slices, now that their frames are written, and schedules the rest. */
  #endTurn(): void {
    const { clock, turn } = this.options
    this.#budget.spend(this.#began!, clock.now())
    this.#began = undefined
    this.#left = this.#perTurn
    if (this.#queue.length === 0) return
    if (this.#budget.wait(clock.now()) > 0) this.#start()
    else {
      this.#scheduled = true
      turn.run(() => this.#continue())
    }
  }

  /** Sends the update to at most `max` subscribers. Returns how many it was sent to, at least 1. */
  #sendSlice(watched: WatchedTopic, max: number): number {
    const { subscribers, flushNumber } = watched
    const update = watched.update!
    let sent = 0
    let cursor = Math.min(watched.cursor, subscribers.length - 1)
    for (; cursor >= 0 && sent < max; cursor--) {
      const subscriber = subscribers[cursor]!
      if (subscriber.lastFlush !== flushNumber - 1) continue
      subscriber.lastFlush = subscriber.diff(update) ? flushNumber : skipping
      sent += 1
    }
    watched.cursor = cursor
    return Math.max(sent, 1)
  }
}

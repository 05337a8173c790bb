import { type Group, sameTotals, type Totals } from '@headcount/protocol'
import type { Topic } from '../engine/engine.js'
import type { Clock } from '../runtime/clock.js'
import type { Turn } from '../runtime/turn.js'
import { Budget } from './time-budget.js'
import { News } from './update.js'

/** Who is told of a topic: a channel, an HTTP stream, a listener in this process. */
export interface Subscriber {
  /** The whole counts: at the start, and again after diffs were skipped. */
  state(news: News): void
  /** What moved. False where it cannot take more just now: it skips diffs until `resume` gives it a state. */
  diff(news: News): boolean
  /** Its place among the topic's subscribers and the flush it was last told of: the broadcaster's own notes. */
  place: number
  told: number
}

/** `told` of a subscriber that skips diffs. */
const skipping = -1

/**
 * How many subscribers are told in one turn of the event loop, at a share of a half or more; at a smaller one fewer,
 * for it is even again later, and a quiet topic waits for that.
 */
const mostPerTurn = 1000
/** How many of one topic before the next has its turn. */
const perTopic = 250

/** The subscribers of one topic, and what they have been told. */
export class Audience {
  readonly subscribers: Subscriber[] = []
  /** The counts that every subscriber has been told, or is being told in this flush. Undefined until first known. */
  news: News | undefined
  /** Number of the flush that `news` was told in. */
  flush = 0
  /** The subscriber to be told next, downward; below 0 when all have been. */
  next = -1

  constructor(readonly topic: Topic) {}

  get telling(): boolean {
    return this.next >= 0
  }
}

export interface BroadcasterOptions {
  readonly groups: readonly Group[]
  /** How much of this thread's time telling may take, above 0, up to 1. */
  readonly share: number
  readonly clock: Clock
  readonly turn: Turn
  /** Is called when all of a topic's subscribers have been told. */
  done(audience: Audience): void
}

/**
 * Topic -> subscribers. Every subscriber is told exactly the committed counts, in order: a state, then every diff
 * after it. A large topic is told in slices, a turn of the event loop each, and all telling together keeps to its share
 * of the time.
 *
 * What keeps slices exact: they go downward, and whoever comes in meanwhile is placed above with the newest state; a
 * gap is filled by the last subscriber, who either was told already or is marked as told. Nobody is told of a flush
 * twice, for each subscriber's own number says which one it has.
 */
export class Broadcaster {
  readonly #o: BroadcasterOptions
  readonly #budget: Budget
  readonly #perTurn: number
  #telling: Audience[] = []
  /** When this turn's first slice began, and how many subscribers may still be told in this turn. */
  #began: number | undefined
  #left: number
  #scheduled = false

  constructor(options: BroadcasterOptions) {
    this.#o = options
    this.#budget = new Budget(options.share)
    this.#perTurn = Math.ceil(Math.min(1, 2 * options.share) * mostPerTurn)
    this.#left = this.#perTurn
  }

  /** Adds a subscriber. It is given the state now, or when the counts are first known. */
  add(audience: Audience, subscriber: Subscriber): void {
    subscriber.place = audience.subscribers.length
    subscriber.told = audience.flush
    audience.subscribers.push(subscriber)
    if (audience.news !== undefined) subscriber.state(audience.news)
  }

  remove(audience: Audience, subscriber: Subscriber): void {
    const { subscribers } = audience
    if (subscribers[subscriber.place] !== subscriber) return
    const last = subscribers.pop()!
    if (last !== subscriber) {
      subscribers[subscriber.place] = last
      last.place = subscriber.place
    }
    subscriber.place = -1
  }

  /** The counts are known for the first time: everybody who waits is given the state. */
  begin(audience: Audience, totals: Totals): void {
    audience.news = new News(this.#o.groups, audience.topic, totals, totals)
    for (const subscriber of audience.subscribers) subscriber.state(audience.news)
  }

  /** Commits to telling `totals`. Not to be called while the topic is being told of the flush before. */
  tell(audience: Audience, totals: Totals): void {
    const before = audience.news!.totals
    if (sameTotals(before, totals)) return
    audience.news = new News(this.#o.groups, audience.topic, before, totals)
    audience.flush += 1
    audience.next = audience.subscribers.length - 1
    this.#telling.push(audience)
    this.#go()
  }

  /** Gives the state to a subscriber that has skipped diffs and can take more. */
  resume(audience: Audience, subscriber: Subscriber): void {
    if (subscriber.told !== skipping || audience.subscribers[subscriber.place] !== subscriber) return
    if (audience.news === undefined) return
    subscriber.told = audience.flush
    subscriber.state(audience.news)
  }

  /** Tells what may be told in this turn, and sees to it that the rest is told in others. */
  #go(): void {
    if (this.#scheduled || this.#telling.length === 0) return
    const wait = this.#began === undefined ? this.#budget.wait(this.#o.clock.now()) : 0
    if (wait === 0) {
      this.#slice()
      return
    }
    this.#scheduled = true
    this.#o.clock.after(Math.ceil(wait), () => this.#resume())
  }

  #resume(): void {
    this.#scheduled = false
    this.#slice()
  }

  #slice(): void {
    if (this.#began === undefined) {
      this.#began = this.#o.clock.now()
      this.#o.turn.last(() => this.#paid())
    }
    while (this.#left > 0) {
      const audience = this.#telling.shift()
      if (audience === undefined) return
      this.#left -= this.#tellSome(audience, Math.min(this.#left, perTopic))
      if (audience.telling) this.#telling.push(audience)
      else this.#o.done(audience)
    }
  }

  /** This turn's frames are written: their time is known. */
  #paid(): void {
    const { clock, turn } = this.#o
    this.#budget.spend(this.#began!, clock.now())
    this.#began = undefined
    this.#left = this.#perTurn
    if (this.#scheduled || this.#telling.length === 0) return
    if (this.#budget.wait(clock.now()) > 0) this.#go()
    else {
      this.#scheduled = true
      turn.work(() => this.#resume())
    }
  }

  #tellSome(audience: Audience, most: number): number {
    const { subscribers, flush } = audience
    const news = audience.news!
    let some = 0
    let next = Math.min(audience.next, subscribers.length - 1)
    for (; next >= 0 && some < most; next--) {
      const subscriber = subscribers[next]!
      if (subscriber.told !== flush - 1) continue
      subscriber.told = subscriber.diff(news) ? flush : skipping
      some += 1
    }
    audience.next = next
    return Math.max(some, 1)
  }
}

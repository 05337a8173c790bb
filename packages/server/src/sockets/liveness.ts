import type { Limits } from './limits.js'
import type { Schedule } from './schedule.js'

/** Seconds are counted whole. */
const inSeconds = (ms: number): number => Math.ceil(ms / 1000)

/**
 * Whether a client is still there: it is pinged after a silence, and lost where nothing follows. Seconds in which the
 * server reads are counted, not time: a client is not blamed for a pause of the server.
 */
export class Liveness<T> {
  /** The item's place in the schedule. */
  #due: Set<T>
  /** The second in which something was received last; later by those in which the server did not read. */
  #receivedIn: number
  /** The second in which the last ping was sent. */
  #pingedIn: number

  /** Adds the item to the schedule, for its first ping. */
  constructor(
    readonly schedule: Schedule<T>,
    item: T,
  ) {
    this.#receivedIn = schedule.second
    this.#pingedIn = schedule.second
    this.#due = schedule.add(item, this.#next)
  }

  /** Anything that is received counts, a pong too. */
  received(): void {
    this.#receivedIn = this.schedule.second
  }

  pinged(): void {
    this.#pingedIn = this.schedule.second
  }

  /** A second has ended in which the server did not read. */
  didNotRead(): void {
    this.#receivedIn += 1
    this.#pingedIn += 1
  }

  get needsPing(): boolean {
    return !this.#awaitsPong && this.schedule.second - this.#receivedIn >= inSeconds(this.#limits.pingAfter)
  }

  /** Whether a ping has had no answer in time. */
  get isLost(): boolean {
    return this.#awaitsPong && this.schedule.second - this.#pingedIn >= inSeconds(this.#limits.pongTimeout)
  }

  /** Moves the item to the second in which a ping may be due, or its loss. @param within at the latest, in ms. */
  plan(item: T, within: number): void {
    const { second } = this.schedule
    const wait = Math.max(1, Math.min(this.#next - second, inSeconds(within)))
    this.#due = this.schedule.move(item, this.#due, second + wait)
  }

  /** Removes the item from the schedule. */
  stop(item: T): void {
    this.schedule.remove(item, this.#due)
  }

  get #limits(): Limits {
    return this.schedule.limits
  }

  get #awaitsPong(): boolean {
    return this.#pingedIn > this.#receivedIn
  }

  get #next(): number {
    const [pingAfter, pongTimeout] = [inSeconds(this.#limits.pingAfter), inSeconds(this.#limits.pongTimeout)]
    // A pong does not move the plan: where it comes at once, the next ping may be due before the pong would be late.
    return this.#awaitsPong ? this.#pingedIn + Math.min(pingAfter, pongTimeout) : this.#receivedIn + pingAfter
  }
}

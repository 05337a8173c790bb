import { LoadClient } from './client.mjs'

/**
 * @typedef {object} MemberOptions
 * @property {'viewers' | 'users'} group
 * @property {import('./client.mjs').ClientOptions} client
 * @property {() => string | Promise<string>} [sign] Makes its token; without it the member is a viewer.
 * @property {number} heartbeat In ms.
 * @property {Clock} clock
 * @property {() => number} random
 * @property {CrowdRecord} record
 * @property {() => void} arrived Called when it has joined.
 *
 * @typedef {object} Clock Time, as in `@headcount/core`, so that tests can control it.
 * @property {() => number} now In ms, monotonic.
 * @property {(ms: number, callback: () => void) => () => void} after Returns a function that cancels it.
 *
 * @typedef {object} CrowdRecord Counters of all members of a crowd.
 * @property {number} joins
 * @property {number} leaves
 * @property {number} failures Attempts that failed, and connections that broke.
 * @property {string | undefined} reason Of the last failure.
 */

/** How long, in ms, a member waits for its connection and its join. */
const answerTimeout = 10_000
/** Pauses between attempts double from the first to the longest, in ms. */
const [firstPause, longestPause] = [250, 5_000]

/** A simulated person: one connection at a time, in one topic. It has no timers: its crowd calls `act` at `dueAt`. */
export class CrowdMember {
  /** @type {'away' | 'connecting' | 'here'} */
  state = 'away'
  /** The time of its next action, in ms of the clock. */
  dueAt
  client
  #options
  /** Each attempt has a number, so that an answer to an earlier one is ignored. */
  #attempt = 0
  #failures = 0
  #unanswered = false

  /** @param {MemberOptions} options */
  constructor(options) {
    this.#options = options
    this.dueAt = options.clock.now()
    const listener = {
      closed: (/** @type {LoadClient} */ _, /** @type {string} */ reason) => this.#fail(reason),
      channelClosed: (/** @type {LoadClient} */ _, /** @type {string} */ event) => this.#fail(event),
    }
    this.client = new LoadClient({ ...options.client, listener })
  }

  get group() {
    return this.#options.group
  }

  /** Connects if it is away, sends a heartbeat if it is present, and fails if an answer is overdue. */
  act() {
    if (this.state === 'away') void this.#connect()
    else if (this.state === 'connecting') this.#fail('no answer in time')
    else if (this.#unanswered) this.#fail('no answer to a heartbeat')
    else void this.#sendHeartbeat()
  }

  /**
   * Leaves, and may return after `pause` ms. Resolves when its connection is closed.
   * @param {number} pause
   * @param {boolean} closes true: like a closed page; false: like a phone that loses its network.
   */
  async leave(pause, closes) {
    if (this.state === 'here') this.#options.record.leaves++
    this.#attempt++
    this.#unanswered = false
    this.state = 'away'
    this.dueAt = this.#options.clock.now() + pause
    if (closes) await this.client.close()
    else this.client.drop()
  }

  async #connect() {
    const { clock, sign } = this.#options
    const attempt = ++this.#attempt
    this.state = 'connecting'
    this.dueAt = clock.now() + answerTimeout
    try {
      this.client.token = await sign?.()
    } catch (error) {
      return this.#fail(error instanceof Error ? error.message : String(error))
    }
    if (attempt !== this.#attempt || !(await this.client.connect()) || attempt !== this.#attempt) return
    const reply = await this.client.join()
    if (reply === undefined || attempt !== this.#attempt) return
    if (reply.status === 'ok') this.#arrive()
    else this.#fail(`join refused: ${reply.response?.reason}`)
  }

  #arrive() {
    const { arrived, clock, heartbeat, random, record } = this.#options
    this.state = 'here'
    this.#failures = 0
    record.joins++
    // Random, so that members that joined together do not send their heartbeats together.
    this.dueAt = clock.now() + heartbeat * random()
    arrived()
  }

  async #sendHeartbeat() {
    const { clock, heartbeat } = this.#options
    const attempt = this.#attempt
    this.dueAt = clock.now() + heartbeat
    this.#unanswered = true
    await this.client.heartbeat()
    if (attempt === this.#attempt) this.#unanswered = false
  }

  /** @param {string} reason */
  #fail(reason) {
    const { random, record } = this.#options
    record.failures++
    record.reason = reason
    const pause = Math.min(longestPause, firstPause * 2 ** this.#failures++)
    void this.leave(pause * (0.5 + random() / 2), false)
  }
}

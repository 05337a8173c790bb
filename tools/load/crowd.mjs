import { CrowdMember } from './crowd-member.mjs'

/**
 * @typedef {{ readonly viewers: number, readonly users: number }} CrowdSize Anonymous people, and signed-in ones, each of
 *   whom is another user.
 *
 * @typedef {object} CrowdOptions
 * @property {string} url The server: `ws://127.0.0.1:4000`.
 * @property {string} topic
 * @property {number} viewers
 * @property {number} users
 * @property {number} churn The share of those here that leaves each second and comes back a little later, 0 to 1.
 * @property {(user: string) => string | Promise<string>} [signToken] Makes a user's token; without it there can be no users.
 * @property {() => number} random From 0 up to 1.
 * @property {import('./crowd-member.mjs').Clock} clock
 * @property {number} [rate] The most connections opened per second: 200 unless given.
 *
 * @typedef {object} Progress
 * @property {CrowdSize} wanted
 * @property {CrowdSize} here Those that have joined.
 * @property {import('./presence-counts.mjs').Counts | undefined} counts Of the topic, as a member shows them.
 * @property {number} joins Since the start; so are leaves and failures.
 * @property {number} leaves
 * @property {number} failures
 * @property {string | undefined} reason Of the last failure.
 *
 * @typedef {object} Crowd Simulated people with a connection each, who come, churn and go.
 * @property {CrowdSize} wanted
 * @property {CrowdSize} here
 * @property {() => Progress} progress
 * @property {(size: CrowdSize) => void} resize Sets how many are wanted; they come and go at the crowd's rate. Throws a
 *   RangeError where a number is not valid.
 * @property {() => Promise<void>} stop All leave, for good. Resolves when every connection is closed.
 */

/** The most people of one crowd. */
export const maxCrowd = 5_000

/** How often a crowd acts, in ms. */
const step = 50
/** How long those that churn stay away, in ms. */
const shortestAway = 500
const longestAway = 1_500
/** The share of those that churn whose connection breaks instead of being closed. */
const dropped = 0.2

/**
 * Starts a crowd.
 *
 * @param {CrowdOptions} options
 * @returns {Crowd}
 * @throws {RangeError} where a number is not valid.
 */
export function createCrowd(options) {
  return new RunningCrowd(options)
}

class RunningCrowd {
  /** @type {CrowdSize} */
  wanted
  #members = { viewers: /** @type {CrowdMember[]} */ ([]), users: /** @type {CrowdMember[]} */ ([]) }
  #record = { joins: 0, leaves: 0, failures: 0, reason: /** @type {string | undefined} */ (undefined) }
  #closing = new Set()
  #cancelStep = () => {}
  #running = false
  #stopped = false
  #steppedAt = 0
  /** Connections that may be opened, and leaves that are due, with the fractions that earlier steps left over. */
  #mayOpen = 0
  #mustLeave = 0
  #options
  #name

  /** @param {CrowdOptions} options */
  constructor(options) {
    if (!(options.churn >= 0 && options.churn <= 1)) {
      throw new RangeError(`crowd churn: expected 0 to 1, got ${options.churn}`)
    }
    this.#options = options
    // Two crowds are different users.
    this.#name = Math.floor(options.random() * 36 ** 6).toString(36)
    this.wanted = this.#checked(options)
    this.#start()
  }

  get here() {
    const { viewers, users } = this.#members
    return { viewers: viewers.filter(isHere).length, users: users.filter(isHere).length }
  }

  progress() {
    const { viewers, users } = this.#members
    const counting = [...viewers, ...users].find(({ counts }) => counts !== undefined)
    return { wanted: this.wanted, here: this.here, counts: counting?.counts, ...this.#record }
  }

  /** @param {CrowdSize} size */
  resize(size) {
    this.wanted = this.#checked(size)
    this.#start()
  }

  async stop() {
    this.#stopped = true
    this.#cancelStep()
    this.wanted = { viewers: 0, users: 0 }
    this.#shrink(Number.POSITIVE_INFINITY)
    await Promise.all(this.#closing)
  }

  /** @param {CrowdSize} size */
  #checked({ viewers, users }) {
    for (const [name, count] of Object.entries({ viewers, users })) {
      if (!Number.isInteger(count) || count < 0) {
        throw new RangeError(`crowd ${name}: expected a whole number from 0, got ${count}`)
      }
    }
    if (viewers + users > maxCrowd) {
      throw new RangeError(`crowd: expected at most ${maxCrowd} viewers and users in all, got ${viewers + users}`)
    }
    if (users > 0 && this.#options.signToken === undefined) {
      throw new RangeError(`crowd users: expected 0 without signToken, got ${users}`)
    }
    return { viewers, users }
  }

  /** Steps until the crowd is empty and is wanted to be empty. */
  #start() {
    if (this.#running || this.#stopped) return
    this.#running = true
    this.#steppedAt = this.#options.clock.now()
    this.#step()
  }

  #step() {
    const { clock, rate = 200 } = this.#options
    const now = clock.now()
    // A process that was suspended does not catch up, and a pause does not save up connections for a burst.
    const seconds = Math.min(1, (now - this.#steppedAt) / 1000)
    this.#steppedAt = now
    this.#mayOpen = Math.min(this.#mayOpen, 1) + rate * seconds
    this.#grow()
    this.#shrink(Math.ceil(rate * seconds))
    this.#churn(seconds)
    this.#act(now)
    const { viewers, users } = this.#members
    this.#running = viewers.length + users.length + this.wanted.viewers + this.wanted.users > 0
    if (this.#running) this.#cancelStep = clock.after(step, () => this.#step())
  }

  #grow() {
    const { viewers, users } = this.#members
    const { signToken } = this.#options
    while (viewers.length < this.wanted.viewers) viewers.push(this.#member(undefined))
    while (signToken !== undefined && users.length < this.wanted.users) {
      const id = `crowd-${this.#name}-${users.length + 1}`
      users.push(this.#member(() => signToken(id)))
    }
  }

  /** @param {(() => string | Promise<string>) | undefined} sign */
  #member(sign) {
    const { url, topic, clock, random } = this.#options
    return new CrowdMember({ url, topic, clock, random, record: this.#record, ...(sign && { sign }) })
  }

  /** @param {number} most */
  #shrink(most) {
    let left = most
    for (const group of /** @type {const} */ (['viewers', 'users'])) {
      const members = this.#members[group]
      while (members.length > this.wanted[group] && left-- > 0) this.#leave(members.pop(), 0, true)
    }
  }

  /**
   * @param {CrowdMember | undefined} member
   * @param {number} pause
   * @param {boolean} closes
   */
  #leave(member, pause, closes) {
    const closing = member?.leave(pause, closes)
    this.#closing.add(closing)
    void closing?.then(() => this.#closing.delete(closing))
  }

  /** @param {number} seconds */
  #churn(seconds) {
    const { churn, random } = this.#options
    const here = [...this.#members.viewers, ...this.#members.users].filter(isHere)
    this.#mustLeave += churn * seconds * here.length
    for (; this.#mustLeave >= 1; this.#mustLeave--) {
      const member = here[Math.floor(random() * here.length)]
      // Chosen twice in one step: it has left already.
      if (member?.state !== 'here') continue
      const pause = shortestAway + random() * (longestAway - shortestAway)
      this.#leave(member, pause, random() >= dropped)
    }
  }

  /** @param {number} now */
  #act(now) {
    for (const member of [...this.#members.viewers, ...this.#members.users]) {
      if (member.dueAt > now) continue
      if (member.state !== 'away') member.act()
      else if (this.#mayOpen >= 1) {
        this.#mayOpen--
        member.act()
      }
    }
  }
}

/** @param {CrowdMember} member */
function isHere({ state }) {
  return state === 'here'
}

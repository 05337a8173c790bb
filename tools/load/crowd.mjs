import { CrowdMember } from './crowd-member.mjs'

/**
 * @typedef {{ readonly viewers: number, readonly users: number }} CrowdSize Anonymous people; signed-in people, each a
 * different user.
 *
 * @typedef {object} CrowdOptions
 * @property {string} url The server: `ws://127.0.0.1:4000`.
 * @property {string} topic
 * @property {number} viewers
 * @property {number} users
 * @property {number} churn The share of those present that leaves each second and returns a little later, 0 to 1.
 * @property {((user: string) => string | Promise<string>) | undefined} [signToken] Makes a user's token; without it
 *   there are no users.
 * @property {() => number} random From 0 up to 1.
 * @property {import('./crowd-member.mjs').Clock} clock
 * @property {number} [rate] Maximum connections opened per second. Default: 200.
 * @property {number} [heartbeat] In ms. Default: 30,000, half of a server's timeout.
 * @property {(number: number) => Partial<import('./client.mjs').ClientOptions>} [client] Further options of the member
 *   of this number.
 *
 * @typedef {ReturnType<Crowd['progress']>} Progress
 */

/** How often a crowd acts, in ms. */
const step = 20
/** How long churning members stay away, in ms. */
const [shortestAway, longestAway] = [500, 1_500]
/** The share of churning members whose connection breaks instead of being closed. */
const dropped = 0.2

/** Starts a crowd. @param {CrowdOptions} options @throws {RangeError} if a number is not valid. */
export const createCrowd = (options) => new Crowd(options)

/** Simulated people with one connection each, who join, churn and leave. */
export class Crowd {
  /** Its target size. @type {CrowdSize} */
  wanted
  /** These three may be set at any time. `atOnce`: the maximum of connections being opened. */
  churn
  rate
  atOnce = Number.POSITIVE_INFINITY
  /** @type {CrowdMember[]} */
  members = []
  #record = { joins: 0, leaves: 0, failures: 0, reason: /** @type {string | undefined} */ (undefined) }
  #closing = new Set()
  #cancelStep = () => {}
  #running = false
  #stopped = false
  #steppedAt = 0
  /** Connections to open, and due leaves, with the fractions of earlier steps. */
  #mayOpen = 0
  #mustLeave = 0
  #created = 0
  #sizes = { viewers: 0, users: 0 }
  #options
  #name

  /** @param {CrowdOptions} options */
  constructor(options) {
    this.#options = options
    this.churn = options.churn
    this.rate = options.rate ?? 200
    if (!(this.churn >= 0 && this.churn <= 1)) throw new RangeError(`crowd churn: expected 0 to 1, got ${this.churn}`)
    // The users of two crowds are different.
    this.#name = Math.floor(options.random() * 36 ** 6).toString(36)
    this.wanted = this.#checked(options)
    this.#start()
  }

  /** How many have joined. @returns {CrowdSize} */
  get here() {
    const here = this.members.filter(isHere)
    const viewers = here.filter(({ group }) => group === 'viewers').length
    return { viewers, users: here.length - viewers }
  }

  /** The same, of both groups. */
  get joined() {
    return this.#record.joins - this.#record.leaves
  }

  /** Its progress: the counts that a member shows; joins, leaves and failures since the start. */
  progress() {
    const counting = this.members.find(({ client }) => client.total >= 0)
    return { wanted: this.wanted, here: this.here, counts: counting?.client.presence.counts, ...this.#record }
  }

  /** @param {CrowdSize} size @throws {RangeError} if a number is not valid. */
  resize(size) {
    this.wanted = this.#checked(size)
    this.#start()
  }

  /** All leave permanently. Resolves when every connection is closed. */
  async stop() {
    this.#stopped = true
    this.#cancelStep()
    this.wanted = { viewers: 0, users: 0 }
    this.#resize(Number.POSITIVE_INFINITY)
    await Promise.all(this.#closing)
  }

  /** @param {CrowdSize} size */
  #checked({ viewers, users }) {
    for (const [group, size] of Object.entries({ viewers, users })) {
      const isSize = Number.isInteger(size) && size >= 0
      if (!isSize) throw new RangeError(`crowd ${group}: expected a whole number from 0, got ${size}`)
    }
    if (users > 0 && this.#options.signToken === undefined) {
      throw new RangeError(`crowd users: expected 0 without signToken, got ${users}`)
    }
    return { viewers, users }
  }

  /** Steps until the crowd is empty and its target is empty. */
  #start() {
    if (this.#running || this.#stopped) return
    this.#running = true
    this.#steppedAt = this.#options.clock.now()
    this.#step()
  }

  #step() {
    const { clock } = this.#options
    const now = clock.now()
    // A process that was suspended does not catch up, and a pause does not save up connections for a burst.
    const seconds = Math.min(1, (now - this.#steppedAt) / 1000)
    this.#steppedAt = now
    this.#mayOpen = Math.min(this.#mayOpen, 1) + this.rate * seconds
    this.#resize(Math.ceil(this.rate * seconds))
    if (this.churn > 0) this.#churn(seconds)
    this.#act(now)
    this.#running = this.members.length + this.wanted.viewers + this.wanted.users > 0
    if (this.#running) this.#cancelStep = clock.after(step, () => this.#step())
  }

  /** If `atOnce` delayed connections, the next one does not wait for a step. */
  #stepSoon() {
    if (this.atOnce === Number.POSITIVE_INFINITY || this.#stopped) return
    this.#cancelStep()
    this.#cancelStep = this.#options.clock.after(0, () => this.#step())
  }

  /** @param {number} most Maximum number of leaves. */
  #resize(most) {
    let left = most
    for (const group of /** @type {const} */ (['viewers', 'users'])) {
      for (; this.#sizes[group] < this.wanted[group]; this.#sizes[group]++) this.members.push(this.#member(group))
      const surplus = Math.min(left, this.#sizes[group] - this.wanted[group])
      if (surplus === 0) continue
      const leaving = new Set(this.members.filter((member) => member.group === group).slice(-surplus))
      this.members = this.members.filter((member) => !leaving.has(member))
      this.#sizes[group] -= surplus
      left -= surplus
      for (const member of leaving) this.#leave(member, 0, true)
    }
  }

  /** @param {'viewers' | 'users'} group */
  #member(group) {
    const { url, topic, clock, random, heartbeat = 30_000, signToken, client } = this.#options
    const number = this.#created++
    const options = { url, topic, number, ...client?.(number) }
    const sign = group === 'users' && signToken && { sign: () => signToken(`crowd-${this.#name}-${number}`) }
    const arrived = () => this.#stepSoon()
    return new CrowdMember({ group, client: options, clock, random, heartbeat, record: this.#record, arrived, ...sign })
  }

  /** @param {number} seconds */
  #churn(seconds) {
    const { random } = this.#options
    const here = this.members.filter(isHere)
    this.#mustLeave += this.churn * seconds * here.length
    for (; this.#mustLeave >= 1; this.#mustLeave--) {
      const member = here[Math.floor(random() * here.length)]
      // Chosen twice in one step: it has left already.
      if (member?.state !== 'here') continue
      this.#leave(member, shortestAway + random() * (longestAway - shortestAway), random() >= dropped)
    }
  }

  /** @param {CrowdMember} member @param {number} pause @param {boolean} closes */
  #leave(member, pause, closes) {
    const closing = member.leave(pause, closes)
    this.#closing.add(closing)
    void closing.then(() => this.#closing.delete(closing))
  }

  /** @param {number} now */
  #act(now) {
    const isLimited = this.atOnce !== Number.POSITIVE_INFINITY
    let connecting = isLimited ? this.members.filter(({ state }) => state === 'connecting').length : 0
    for (const member of this.members) {
      if (member.dueAt > now) continue
      if (member.state === 'away') {
        if (this.#mayOpen < 1 || connecting >= this.atOnce) continue
        this.#mayOpen--
        connecting++
      }
      member.act()
    }
  }
}

/** @param {CrowdMember} member */
function isHere({ state }) {
  return state === 'here'
}

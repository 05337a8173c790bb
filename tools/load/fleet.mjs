import { FleetThread } from './fleet-thread.mjs'

/**
 * @typedef {import('./client-pool.mjs').PoolOptions} PoolOptions
 * @typedef {import('./pool-actions.mjs').Done} Done
 * @typedef {import('./scripted-client.mjs').Script} Script
 * @typedef {import('./scripted-client.mjs').Sight} Sight
 * @typedef {import('./fleet-thread.mjs').Requests} Requests
 */

/**
 * Many clients in several threads, so that they and what is between them and the server do not wait for one event loop.
 * They are either numbered clients of a pool (`setup`, `join`, `burst`, `churn`, `toggle`, `tally`, `wrong`, `traces`) or
 * scripted ones (`run`, `settle`, `look`).
 */
export class Fleet {
  #threads

  /** @param {number} [threads] */
  constructor(threads = 2) {
    this.#threads = Array.from({ length: threads }, () => new FleetThread())
  }

  /** Makes a new pool for a server; the clients of the last one are dropped. @param {PoolOptions} options */
  async setup(options) {
    const parts = this.#threads.length
    await this.#all('setup', (part) => ({ ...options, part, parts }))
  }

  /** @param {Parameters<Requests['join']>[0]} options */
  async join(options) {
    return added(await this.#all('join', () => options))
  }

  /** @param {Parameters<Requests['burst']>[0]} options `atOnce`: in all threads together. */
  async burst(options) {
    const atOnce = Math.ceil(options.atOnce / this.#threads.length)
    return added(await this.#all('burst', () => ({ ...options, atOnce })))
  }

  /** @param {Parameters<Requests['churn']>[0]} options `perSecond`: in all threads together. */
  async churn(options) {
    const perSecond = options.perSecond / this.#threads.length
    return added(await this.#all('churn', (part) => ({ ...options, perSecond, seed: options.seed * 100 + part + 1 })))
  }

  /** @param {Parameters<Requests['toggle']>[0]} options */
  async toggle(options) {
    const owner = options.number % this.#threads.length
    return added(await Promise.all([this.#threads[owner]?.ask('toggle', options) ?? { missing: 1, late: 0 }]))
  }

  /** What all clients received so far, how many were lost, and how many changes `churn` made. */
  async tally() {
    const tally = { frames: 0, bytes: 0, counted: 0, lost: 0, changes: 0 }
    for (const part of await this.#all('tally', () => undefined)) {
      for (const key of /** @type {(keyof typeof tally)[]} */ (Object.keys(tally))) tally[key] += part[key]
    }
    return tally
  }

  /** How many connected clients show another total than there are connected ones, and by how much at most. */
  async wrong() {
    const present = await this.#all('present', () => undefined)
    const truth = (present[0] ?? []).map((_, topic) => present.reduce((sum, part) => sum + (part[topic] ?? 0), 0))
    const parts = await this.#all('wrong', () => truth)
    return {
      wrong: parts.reduce((sum, { wrong }) => sum + wrong, 0),
      off: Math.max(...parts.map(({ off }) => off)),
    }
  }

  /** When all clients began to connect, in order, and the traces of the sampled ones. */
  async traces() {
    const parts = await this.#all('traces', () => undefined)
    return {
      connects: parts.flatMap(({ connects }) => connects).sort((a, b) => a - b),
      traces: parts.flatMap(({ traces }) => traces),
    }
  }

  /** Runs scripted clients to the end of their scripts. @param {readonly Script[]} scripts */
  async run(scripts) {
    const { length } = this.#threads
    await this.#all('run', (part) => scripts.filter((_, i) => i % length === part))
  }

  /** Resolves when the servers have handled all that the scripted clients sent. */
  async settle() {
    await this.#all('settle', () => undefined)
  }

  /**
   * What the scripted clients show, compared with the true counts of their topic.
   *
   * @param {import('./presence-counts.mjs').Counts} truth
   * @returns {Promise<Sight>}
   */
  async look(truth) {
    const sights = await this.#all('look', () => truth)
    return {
      inside: sights.reduce((sum, { inside }) => sum + inside, 0),
      wrong: sights.flatMap(({ wrong }) => wrong),
      faults: sights.flatMap(({ faults }) => faults),
      diffs: sights.reduce((sum, { diffs }) => sum + diffs, 0),
      mostDiffs: Math.max(...sights.map(({ mostDiffs }) => mostDiffs)),
    }
  }

  /** Drops all connections. */
  async clear() {
    await this.#all('clear', () => undefined)
  }

  /** Ends the threads, and with them all connections. */
  async stop() {
    await Promise.all(this.#threads.map((thread) => thread.stop()))
  }

  /**
   * @template {keyof Requests} N
   * @param {N} name
   * @param {(part: number) => Parameters<Requests[N]>[0]} argument
   */
  #all(name, argument) {
    return Promise.all(this.#threads.map((thread, part) => thread.ask(name, argument(part))))
  }
}

/** @param {readonly Done[]} parts @returns {Done} */
function added(parts) {
  return {
    missing: parts.reduce((sum, { missing }) => sum + missing, 0),
    late: Math.max(...parts.map(({ late }) => late)),
  }
}

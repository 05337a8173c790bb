import { fork } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { pinTo } from '../server/pin.mjs'

const program = fileURLToPath(new URL('./worker.mjs', import.meta.url))

/**
 * @typedef {import('./crowd.mjs').CrowdOptions} CrowdOptions
 * @typedef {Omit<CrowdOptions, 'part' | 'parts'>} FleetOptions
 * @typedef {{ missing: number, late: number }} Done
 */

/** The load: several processes on one core, told what to do and asked what they saw. */
export class Fleet {
  #workers
  #next = 0
  /** @type {Map<number, { resolve: (result: unknown) => void, reject: (error: Error) => void }>} */
  #waiting = new Map()

  /** @param {number} processes */
  constructor(processes) {
    this.#workers = Array.from({ length: processes }, () => {
      const worker = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
      if (worker.pid !== undefined) pinTo(0, worker.pid)
      worker.on('message', (message) => this.#answered(message))
      worker.on('exit', () => this.#lost())
      return worker
    })
  }

  get pids() {
    return this.#workers.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
  }

  /** A new crowd for a new server. @param {FleetOptions} options */
  async setup(options) {
    const parts = this.#workers.length
    await this.#all('setup', (part) => ({ ...options, part, parts }))
  }

  /** @param {Parameters<typeof import('./acts.mjs').join>[1]} order @returns {Promise<Done>} */
  join(order) {
    return this.#act('join', order)
  }

  /** `atOnce` is that of all processes. @param {Parameters<typeof import('./acts.mjs').burst>[1]} order @returns {Promise<Done>} */
  burst(order) {
    return this.#act('burst', { ...order, atOnce: Math.ceil(order.atOnce / this.#workers.length) })
  }

  /** `perSecond` is that of all processes. @param {Parameters<typeof import('./acts.mjs').churn>[1]} order @returns {Promise<Done>} */
  churn(order) {
    const perSecond = order.perSecond / this.#workers.length
    return this.#act('churn', order, (part) => ({ ...order, perSecond, seed: order.seed * 100 + part + 1 }))
  }

  /** @param {Parameters<typeof import('./acts.mjs').toggle>[1]} order @returns {Promise<Done>} */
  async toggle(order) {
    const owner = order.index % this.#workers.length
    return /** @type {Promise<Done>} */ (this.#ask(owner, 'toggle', order))
  }

  /** What has come over the wire so far, and what befell the clients. */
  async tally() {
    const parts = /** @type {import('./crowd.mjs').Crowd['tally'][]} */ (await this.#all('tally', () => ({})))
    /** @param {keyof import('./crowd.mjs').Crowd['tally']} key */
    const sum = (key) => parts.reduce((total, part) => total + part[key], 0)
    return {
      frames: sum('frames'),
      bytes: sum('bytes'),
      lost: sum('lost'),
      news: sum('news'),
      changes: sum('changes'),
    }
  }

  /** How many of those who are there show anything but how many are there, and the most by which any is off. */
  async wrong() {
    const present = /** @type {number[][]} */ (await this.#all('present', () => ({})))
    const truth = (present[0] ?? []).map((_, place) => present.reduce((sum, part) => sum + (part[place] ?? 0), 0))
    const parts = /** @type {{ wrong: number, off: number }[]} */ (await this.#all('wrong', () => ({ truth })))
    return {
      wrong: parts.reduce((sum, { wrong }) => sum + wrong, 0),
      off: Math.max(...parts.map(({ off }) => off)),
    }
  }

  /** When all joins began, in order, and what the sampled clients were told. */
  async traces() {
    const parts = /** @type {{ asked: number[], traces: number[][] }[]} */ (await this.#all('traces', () => ({})))
    return {
      asked: parts.flatMap(({ asked }) => asked).sort((a, b) => a - b),
      traces: parts.flatMap(({ traces }) => traces),
    }
  }

  /** All clients are gone at once. */
  async clear() {
    await this.#all('end', () => ({}))
  }

  /** Ends the processes. */
  stop() {
    for (const worker of this.#workers) {
      worker.removeAllListeners('exit')
      worker.disconnect()
    }
  }

  /**
   * @template {object} O
   * @param {string} name
   * @param {O} order
   * @param {(part: number) => O} [each]
   */
  async #act(name, order, each = () => order) {
    const parts = /** @type {Done[]} */ (await this.#all(name, each))
    return {
      missing: parts.reduce((sum, { missing }) => sum + missing, 0),
      late: Math.max(...parts.map(({ late }) => late)),
    }
  }

  /**
   * @param {string} name
   * @param {(part: number) => object} order
   */
  #all(name, order) {
    return Promise.all(this.#workers.map((_, part) => this.#ask(part, name, order(part))))
  }

  /**
   * @param {number} part
   * @param {string} name
   * @param {object} order
   * @returns {Promise<unknown>}
   */
  #ask(part, name, order) {
    return new Promise((resolve, reject) => {
      const id = ++this.#next
      this.#waiting.set(id, { resolve, reject })
      this.#workers[part]?.send({ id, name, order })
    })
  }

  /** @param {unknown} message */
  #answered(message) {
    const { id, result, error } = /** @type {{ id: number, result: unknown, error?: string }} */ (message)
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(error))
  }

  #lost() {
    for (const { reject } of this.#waiting.values()) reject(new Error('a process of the load has ended'))
    this.#waiting.clear()
  }
}

/** As many as leave the parsing of one from holding the connects of another; they share one core. */
export const loadProcesses = cpus().length > 4 ? 4 : 2

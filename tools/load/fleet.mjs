import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {typeof import('./fleet-process.mjs').requests} Requests
 * @typedef {{ id: number, result?: any, error?: string }} Answer
 */

/**
 * @template {keyof Requests} N
 * @typedef {(argument: Parameters<Requests[N]>[0]) => Promise<Awaited<ReturnType<Requests[N]>>>} Remote A request of
 *   fleet-process.mjs. It throws the error of the request, or if the process has exited.
 */

const program = fileURLToPath(new URL('./fleet-process.mjs', import.meta.url))

/** Many clients in a separate process, so that they and the server do not share an event loop. */
export class Fleet {
  #child = fork(program, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  #next = 0
  /** @type {Map<number, (answer: Answer) => void>} */
  #waiting = new Map()
  #exited

  constructor() {
    this.#child.on('message', (message) => {
      const answer = /** @type {Answer} */ (message)
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
    })
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve))
    void this.#exited.then(() => {
      for (const [id, settle] of this.#waiting) settle({ id, error: 'the process of the fleet has exited' })
    })
  }

  get pid() {
    return this.#child.pid ?? 0
  }

  /** @type {Remote<'setup'>} */
  setup = (options) => this.#ask('setup', options)
  /** @type {Remote<'grow'>} */
  grow = (options) => this.#ask('grow', options)
  /** @type {Remote<'churn'>} */
  churn = (options) => this.#ask('churn', options)
  /** @type {Remote<'toggle'>} */
  toggle = (options) => this.#ask('toggle', options)
  /** @type {Remote<'probe'>} */
  probe = (options) => this.#ask('probe', options)
  tally = () => this.#ask('tally', undefined)
  /** @type {Remote<'wrong'>} */
  wrong = (truth) => this.#ask('wrong', truth)
  traces = () => this.#ask('traces', undefined)
  /** @type {Remote<'run'>} */
  run = (scripts) => this.#ask('run', scripts)
  settle = () => this.#ask('settle', undefined)
  /** @type {Remote<'look'>} */
  look = (truth) => this.#ask('look', truth)
  clear = () => this.#ask('clear', undefined)

  /** Ends the process, and with it all connections. */
  async stop() {
    if (this.#child.connected) this.#child.disconnect()
    await this.#exited
  }

  /**
   * @template {keyof Requests} N
   * @param {N} name
   * @param {Parameters<Requests[N]>[0]} argument
   * @returns {Promise<Awaited<ReturnType<Requests[N]>>>}
   */
  #ask(name, argument) {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result) : reject(new Error(error))))
      this.#child.send({ id, name, argument }, (error) => error && reject(error))
    })
  }
}

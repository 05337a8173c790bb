import { EventEmitter } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { lineOf, Program } from './program.mjs'

/**
 * How a replica is, as anybody could see it from outside: `up` says that it may take sockets, `unready` that it lives and
 * may not, `paused` that it does not answer, `draining` that it takes no connection any more, `gone` that it has ended.
 *
 * @typedef {{ readonly args: readonly string[], readonly env: NodeJS.ProcessEnv }} Setup Of `headcount serve`.
 * @typedef {'starting' | 'up' | 'unready' | 'paused' | 'draining' | 'gone'} ReplicaState
 */

const root = fileURLToPath(new URL('../..', import.meta.url))
const headcount = fileURLToPath(new URL('../../packages/headcount/bin/headcount.js', import.meta.url))

/** How often it is asked how it is, how long it may take to answer, in ms, and after how many misses it is paused. */
const every = 300
const patience = 1_000
const misses = 2
/** A connection is refused a moment before the end of a process is heard of, in ms. */
const obituary = 100

/**
 * One `headcount serve` of the cluster. Event: `change` of `state` or `sockets`; `line`, of what it logs.
 *
 * @extends {EventEmitter<{ change: [], line: [string] }>}
 */
export class Replica extends EventEmitter {
  /** @type {ReplicaState} */
  state = 'gone'
  /** Open sockets, as it says itself. */
  sockets = 0
  /** It takes a free one at each start. */
  port = 0
  /** How it ended, for a person. */
  ending = ''
  /** @type {Program | undefined} */
  #program
  #setup
  #guard
  #missed = 0
  /** @type {NodeJS.Timeout | undefined} */
  #timer

  /**
   * @param {number} number
   * @param {{ setup: () => Setup, guard: import('./guard.mjs').Guard, name?: string }} options `setup` is asked at
   *   each start.
   */
  constructor(number, { setup, guard, name = `replica ${number}` }) {
    super()
    this.number = number
    this.name = name
    this.#setup = setup
    this.#guard = guard
  }

  get pid() {
    return this.#program?.pid
  }

  get running() {
    return this.#program?.running ?? false
  }

  /** @throws where it does not start; it is `gone` then. */
  async start() {
    const { args, env } = this.#setup()
    const command = [headcount, 'serve', '--port', '0', ...args]
    const program = new Program(process.execPath, command, { cwd: root, env, guard: this.#guard })
    this.#program = program
    this.#missed = 0
    this.#become('starting', 0)
    program.on('line', (line) => line.startsWith('Headcount is at') || this.emit('line', line))
    program.once('end', ({ code, signal }) => {
      clearTimeout(this.#timer)
      this.ending = signal ?? `exit code ${code}`
      this.#become('gone', 0)
    })
    this.port = Number(await lineOf(program, (line) => /^Headcount is at .*:(\d+)$/.exec(line)?.[1]))
    await this.#look(program)
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    this.#program?.signal(signal)
  }

  async stop() {
    await this.#program?.stop()
  }

  /** @param {Program} program */
  async #look(program) {
    const [state, sockets] = await this.#seen()
    if (!program.running || program !== this.#program) return
    this.#missed = state === 'paused' ? this.#missed + 1 : 0
    // A machine that is busy for a moment is no reason to send everybody elsewhere.
    if (this.#missed === 0 || this.#missed >= misses) this.#become(state, sockets ?? this.sockets)
    this.#timer = setTimeout(() => void this.#look(program), every)
  }

  /** @returns {Promise<[ReplicaState, sockets?: number]>} */
  async #seen() {
    const at = `http://127.0.0.1:${this.port}`
    try {
      const [ready, metrics] = await Promise.all([ask(`${at}/readyz`), ask(`${at}/metrics`)])
      const sockets = /^headcount_sockets (\d+)$/m.exec(metrics.text)?.[1]
      return [ready.ok ? 'up' : 'unready', Number(sockets)]
    } catch (error) {
      const silent = error instanceof Error && error.name === 'TimeoutError'
      if (silent) return ['paused']
      await pause(obituary)
      return ['draining']
    }
  }

  /** @param {ReplicaState} state @param {number} sockets */
  #become(state, sockets) {
    if (state === this.state && sockets === this.sockets) return
    this.state = state
    this.sockets = sockets
    this.emit('change')
  }
}

/** @param {string} url */
async function ask(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(patience) })
  return { ok: response.ok, text: await response.text() }
}

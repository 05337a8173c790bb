import { EventEmitter } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../tests/support/port.mjs'
import { lineOf, Program } from './program.mjs'

/** @typedef {'starting' | 'up' | 'paused' | 'gone'} RedisState */

/** How often it is asked how it is, and how long it may take to answer, in ms. */
const every = 300
const patience = 1_000

/**
 * A Redis (or Valkey) of the cluster's own, on a port of 127.0.0.1 that it keeps: nothing of it is on disk, so each start
 * is with nothing in it. Event: `change`.
 *
 * @extends {EventEmitter<{ change: [] }>}
 */
export class Redis extends EventEmitter {
  /** @type {RedisState} */
  state = 'gone'
  port = 0
  /** @type {Program | undefined} */
  #program
  #command
  #guard
  #folder = ''
  /** @type {NodeJS.Timeout | undefined} */
  #timer

  /** @param {string} command @param {import('./guard.mjs').Guard} guard */
  constructor(command, guard) {
    super()
    this.#command = command
    this.#guard = guard
  }

  name = 'Redis'

  get url() {
    return `redis://127.0.0.1:${this.port}`
  }

  get pid() {
    return this.#program?.pid
  }

  get running() {
    return this.#program?.running ?? false
  }

  /** @throws where it does not start. */
  async start() {
    if (this.#folder === '') {
      this.#folder = await mkdtemp(join(tmpdir(), 'headcount-demo-'))
      this.#guard.folder(this.#folder)
      this.port = await freePort()
    }
    const address = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder]
    const args = [...address, '--save', '', '--appendonly', 'no']
    const program = new Program(this.#command, args, { guard: this.#guard })
    this.#program = program
    this.#become('starting')
    program.once('end', () => {
      clearTimeout(this.#timer)
      this.#become('gone')
    })
    await lineOf(program, (line) => (line.includes('eady to accept connections') ? line : undefined))
    this.#become('up')
    this.#watch(program)
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    this.#program?.signal(signal)
  }

  async stop() {
    await this.#program?.stop()
  }

  /** @param {Program} program */
  #watch(program) {
    this.#timer = setTimeout(async () => {
      const answers = await ping(this.port)
      if (!program.running || program !== this.#program) return
      this.#become(answers ? 'up' : 'paused')
      this.#watch(program)
    }, every)
  }

  /** @param {RedisState} state */
  #become(state) {
    if (state === this.state) return
    this.state = state
    this.emit('change')
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function ping(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    /** @param {boolean} answers */
    const done = (answers) => {
      socket.destroy()
      resolve(answers)
    }
    socket.setTimeout(patience, () => done(false))
    socket.once('error', () => done(false)).once('data', () => done(true))
    socket.write('PING\r\n')
  })
}

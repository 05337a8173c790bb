import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'

/** @typedef {import('./guard.mjs').Guard} Guard */
/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} End */

/**
 * One process of the cluster. It has a process group of its own, so that a Ctrl-C in the terminal reaches the script
 * alone, which then ends everything in order.
 *
 * Events: `line` (a line that it wrote), `end` (how it ended).
 *
 * @extends {EventEmitter<{ line: [string], end: [End] }>}
 */
export class Program extends EventEmitter {
  /** Pending while it runs. @type {Promise<End>} */
  ended
  running = true
  #process

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {{ guard: Guard, env?: NodeJS.ProcessEnv, cwd?: string }} options
   */
  constructor(command, args, { guard, env, cwd }) {
    super()
    this.#process = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const release = this.pid === undefined ? () => {} : guard.hold(this.pid)
    for (const stream of [this.#process.stdout, this.#process.stderr]) this.#readLines(stream)
    this.ended = new Promise((resolve) => {
      /** @param {number | null} code @param {NodeJS.Signals | null} signal */
      const end = (code, signal) => {
        if (!this.running) return
        this.running = false
        release()
        resolve({ code, signal })
        this.emit('end', { code, signal })
      }
      this.#process.once('exit', end)
      this.#process.once('error', ({ message }) => {
        this.emit('line', message)
        if (this.pid === undefined) end(null, null)
      })
    })
  }

  get pid() {
    return this.#process.pid
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    if (this.running) this.#process.kill(signal)
  }

  /** Asks it to end, also where it is paused, and ends it where it has not within `within` ms. */
  async stop(within = 8_000) {
    this.signal('SIGTERM')
    this.signal('SIGCONT')
    const timer = setTimeout(() => this.signal('SIGKILL'), within)
    await this.ended
    clearTimeout(timer)
  }

  /** @param {import('node:stream').Readable} stream */
  #readLines(stream) {
    let rest = ''
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.emit('line', line)
    })
  }
}

/**
 * @param {Program} program
 * @param {(line: string) => string | undefined} find What the awaited line says, or undefined.
 * @param {number} within In ms.
 * @returns {Promise<string>} What the first line that says it says.
 * @throws where the program ends first or the time is up; the error holds what it said last.
 */
export function lineOf(program, find, within = 20_000) {
  /** @type {string[]} */
  const said = []
  return new Promise((resolve, reject) => {
    /** @param {string} line */
    const hear = (line) => {
      said.push(line)
      const found = find(line)
      if (found !== undefined) settle(() => resolve(found))
    }
    /** @param {string} how */
    const fail = (how) =>
      settle(() => reject(new Error(`${how}. It said:\n${said.slice(-10).join('\n') || '(nothing)'}`)))
    // What it said last arrives after its end.
    const ended = () => setTimeout(fail, 50, 'expected a program that starts, got its end')
    const timer = setTimeout(fail, within, `expected a program that starts within ${within} ms, got none`)
    /** @param {() => void} done */
    const settle = (done) => {
      clearTimeout(timer)
      program.off('line', hear).off('end', ended)
      done()
    }
    program.on('line', hear).once('end', ended)
  })
}

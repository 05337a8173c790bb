import { spawn } from 'node:child_process'

/** A program that runs beside a test: what it has said, how it ended, and the ways to end it. */
export class Child {
  /** All that it has written to stdout and stderr so far. */
  output = ''
  /** How it ended; pending while it runs. @type {Promise<{ code: number | null, signal: NodeJS.Signals | null }>} */
  exited
  /** Whether it has ended. */
  ended = false
  #name
  #process

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, input?: boolean }} [options] `env` replaces the environment; `input`
   *   lets `type` reach it.
   */
  constructor(command, args, { cwd, env, input = false } = {}) {
    this.#name = [command, ...args].join(' ')
    this.#process = spawn(command, args, { cwd, env, stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        this.output += text
      })
    }
    // A test process that ends early leaves nothing running.
    const reap = () => this.kill()
    process.once('exit', reap)
    this.exited = new Promise((resolve) => {
      /** @param {number | null} code @param {NodeJS.Signals | null} signal */
      const end = (code, signal) => {
        this.ended = true
        process.off('exit', reap)
        resolve({ code, signal })
      }
      this.#process.once('close', end)
      this.#process.once('error', (error) => {
        this.output += error.message
        end(null, null)
      })
    })
  }

  get pid() {
    return this.#process.pid
  }

  /**
   * Waits until `ready` gives something, asking it every 20 ms and after each thing the program says.
   *
   * @template T
   * @param {string} what What is waited for, for the error.
   * @param {(output: string) => T | Promise<T>} ready
   * @param {{ within?: number }} [options] In ms.
   * @returns {Promise<NonNullable<T>>} What `ready` gave.
   * @throws where the program ends first or the time is up; the error holds all that the program said.
   */
  async until(what, ready, { within = 20_000 } = {}) {
    const deadline = performance.now() + within
    for (;;) {
      const got = await ready(this.output)
      if (got) return got
      if (this.ended) throw this.#error(`expected ${what}, got its end`)
      if (performance.now() > deadline) throw this.#error(`expected ${what} within ${within} ms, got none`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** @param {string} line A line for its standard input. */
  type(line) {
    this.#process.stdin?.write(`${line}\n`)
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    if (!this.ended) this.#process.kill(signal)
  }

  /** Asks it to end (SIGTERM), and ends it where it has not within `within` ms. Says how it ended. */
  async stop({ within = 15_000 } = {}) {
    this.signal('SIGTERM')
    // A paused program takes the signal only once it goes on.
    this.signal('SIGCONT')
    const timer = setTimeout(() => this.kill(), within)
    const end = await this.exited
    clearTimeout(timer)
    return end
  }

  /** Ends it at once (SIGKILL), without a chance to clean up. */
  kill() {
    this.signal('SIGKILL')
    return this.exited
  }

  /** @param {string} what */
  #error(what) {
    return new Error(`${this.#name}: ${what}. It said:\n${this.output || '(nothing)'}`)
  }
}

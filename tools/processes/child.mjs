import { spawn } from 'node:child_process'

/** The processes that are killed when this process exits. @type {Set<Child>} */
const children = new Set()
process.on('exit', () => {
  for (const child of children) child.kill()
})

/** A child process: its output, its exit, and the ways to stop it. It is killed when this process exits. */
export class Child {
  /** Everything written to stdout and stderr so far. */
  output = ''
  running = true
  /** Resolves when the process has exited and its output is complete. @type {Promise<Exit>} */
  exited
  #command
  #process

  /** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Exit */

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options] `env` replaces the environment.
   */
  constructor(command, args, { cwd, env } = {}) {
    this.#command = [command, ...args].join(' ')
    this.#process = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.output += text
      })
    }
    children.add(this)
    this.exited = new Promise((resolve) => {
      /** @param {number | null} code @param {NodeJS.Signals | null} signal */
      const exit = (code, signal) => {
        this.running = false
        children.delete(this)
        resolve({ code, signal })
      }
      this.#process.once('close', exit)
      this.#process.once('error', (error) => {
        this.output += error.message
        exit(null, null)
      })
    })
  }

  /** @throws if the process could not be started. */
  get pid() {
    if (this.#process.pid === undefined) throw this.#error('did not start')
    return this.#process.pid
  }

  /**
   * Calls `probe` every 20 ms until it returns something truthy.
   *
   * @template T
   * @param {string} condition Names the condition in the error.
   * @param {(output: string) => T | Promise<T>} probe
   * @param {{ within?: number }} [options] In ms: 20,000 by default.
   * @returns {Promise<NonNullable<T>>} What `probe` returned.
   * @throws if the process exits or on timeout; the error has the output.
   */
  async until(condition, probe, { within = 20_000 } = {}) {
    const deadline = performance.now() + within
    for (;;) {
      const result = await probe(this.output)
      if (result) return result
      if (!this.running) throw this.#error(`exited before ${condition}`)
      if (performance.now() > deadline) throw this.#error(`timed out after ${within} ms waiting for ${condition}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    if (this.running) this.#process.kill(signal)
  }

  /** SIGSTOP: connections stay open, and nothing is answered until `resume`. */
  pause() {
    this.signal('SIGSTOP')
  }

  resume() {
    this.signal('SIGCONT')
  }

  /** SIGTERM, and SIGKILL after `within` ms. Also stops a paused process. */
  async stop({ within = 15_000 } = {}) {
    this.signal('SIGTERM')
    this.resume()
    const timer = setTimeout(() => this.kill(), within)
    const exit = await this.exited
    clearTimeout(timer)
    return exit
  }

  /** SIGKILL. */
  kill() {
    this.signal('SIGKILL')
    return this.exited
  }

  /** @param {string} problem */
  #error(problem) {
    return new Error(`${this.#command} ${problem}. Output:\n${this.output || '(none)'}`)
  }
}

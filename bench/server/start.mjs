import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sleep } from '../measure/now.mjs'
import { pinned } from './pin.mjs'
import { systems } from './systems.mjs'

const probe = fileURLToPath(new URL('./probe.cjs', import.meta.url))

/** Where a program has no end of its own, it has this many ms to begin or to end. */
const patience = 30_000

/**
 * @typedef {object} StartOptions
 * @property {readonly string[]} [args] More arguments.
 * @property {NodeJS.ProcessEnv} [env]
 * @property {readonly string[]} [nodeFlags]
 * @property {number | undefined} [core]
 * @property {object} [config] Headcount's config file.
 */

/** A server that runs: on one core, with a probe in it. */
export class Running {
  /** @type {import('node:child_process').ChildProcess} */
  #child
  #ended
  output = ''

  /**
   * @param {string} name
   * @param {number} port
   * @param {string} command
   * @param {readonly string[]} args
   * @param {StartOptions} options
   */
  constructor(name, port, command, args, { env, core = 1, config }) {
    this.name = name
    this.port = port
    /** Where it runs, and the probe writes. */
    this.folder = mkdtempSync(join(tmpdir(), 'headcount-bench-'))
    if (config !== undefined) writeFileSync(join(this.folder, 'headcount.config.json'), JSON.stringify(config))
    const [program, all] = pinned(core, command, args)
    const clean = Object.entries(process.env).filter(([key]) => !/^(HEADCOUNT_|NODE_|VITEST)/.test(key))
    this.#child = spawn(program, all, {
      cwd: this.folder,
      env: { ...Object.fromEntries(clean), BENCH_PROBE: this.folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        this.output = (this.output + text).slice(-20_000)
      })
    }
    const reap = () => this.#child.kill('SIGKILL')
    process.once('exit', reap)
    this.#ended = new Promise((resolve) => {
      const end = () => {
        process.off('exit', reap)
        resolve(undefined)
      }
      this.#child.once('exit', end)
      this.#child.once('error', (error) => {
        this.output += error.message
        end()
      })
    })
  }

  get pid() {
    const { pid } = this.#child
    if (pid === undefined) throw new Error(`${this.name} did not start: ${this.output}`)
    return pid
  }

  /** @param {(output: string) => boolean | Promise<boolean>} ready */
  async until(ready) {
    const end = Date.now() + patience
    while (!(await ready(this.output))) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null || Date.now() > end) {
        throw new Error(`expected ${this.name} to be ready, got: ${this.output || '(nothing)'}`)
      }
      await sleep(20)
    }
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    this.#child.kill(signal)
  }

  /** Ends it at once, for nobody measures how it drains; unless it is to write a profile of itself when it ends. */
  async stop() {
    if (this.#child.spawnargs.some((arg) => /^--(cpu|heap)-prof$/.test(arg))) {
      this.#child.kill('SIGTERM')
      await Promise.race([this.#ended, sleep(patience)])
    }
    this.#child.kill('SIGKILL')
    await this.#ended
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/**
 * Starts a system afresh on a free port, and waits until it takes sockets.
 *
 * @param {keyof typeof systems} name
 * @param {StartOptions} [options]
 */
export async function start(name, options = {}) {
  const system = systems[name]
  const port = await freePort()
  const flags = ['--expose-gc', '--require', probe, ...(options.nodeFlags ?? [])]
  const { command, args } = system.command(port, flags)
  const server = new Running(name, port, command, [...args, ...(options.args ?? [])], options)
  const ready = system.http ? () => answers(`http://127.0.0.1:${port}/readyz`) : saysReady
  try {
    await server.until(ready)
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** @param {string} output */
function saysReady(output) {
  return output.includes('ready')
}

/** @param {string} url */
async function answers(url) {
  try {
    const { ok, body } = await fetch(url, { signal: AbortSignal.timeout(1000) })
    await body?.cancel()
    return ok
  } catch {
    return false
  }
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}

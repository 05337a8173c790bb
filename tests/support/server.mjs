import { fileURLToPath } from 'node:url'
import { Child } from './child.mjs'
import { freePort } from './port.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const headcount = fileURLToPath(new URL('../../packages/headcount/bin/headcount.js', import.meta.url))

/**
 * Runs the built `headcount` command with none of this shell's own HEADCOUNT_ settings.
 *
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env] Added to the environment.
 * @param {string} [cwd]
 */
export function runHeadcount(args, env = {}, cwd = root) {
  const ours = Object.entries(process.env).filter(
    ([name]) => !/^(HEADCOUNT_|VITEST|NODE_ENV$|NODE_OPTIONS$)/.test(name),
  )
  return new Child(process.execPath, [headcount, ...args], {
    cwd,
    env: { ...Object.fromEntries(ours), ...env },
  })
}

/**
 * Starts the built server on a free port of 127.0.0.1, and waits until it may take sockets.
 *
 * @param {readonly string[]} [args] Flags of `headcount serve`.
 * @param {NodeJS.ProcessEnv} [env] Added to the environment.
 * @throws where it is not ready within 20 s; the error holds all that it said.
 */
export async function startServer(args = [], env = {}) {
  for (let tries = 1; ; tries++) {
    const server = new Server(await freePort(), args, env)
    try {
      await server.start()
      return server
    } catch (error) {
      await server.kill()
      // Another program was quicker to the port.
      if (tries < 3 && server.output.includes('EADDRINUSE')) continue
      throw error
    }
  }
}

class Server {
  /** @type {Child | undefined} */
  #child
  #args
  #env

  /**
   * @param {number} port
   * @param {readonly string[]} args
   * @param {NodeJS.ProcessEnv} env
   */
  constructor(port, args, env) {
    this.port = port
    /** `http://127.0.0.1:4321` */
    this.url = `http://127.0.0.1:${port}`
    /** The address that the stock `phoenix` client is given. */
    this.socketUrl = `ws://127.0.0.1:${port}/socket`
    this.#args = ['serve', '--port', String(port), '--host', '127.0.0.1', ...args]
    this.#env = env
  }

  /** The process that runs, or that ran last. */
  get child() {
    if (this.#child === undefined) throw new Error('expected a server that was started, got one that was not')
    return this.#child
  }

  /** All that it has written to stdout and stderr since its last start. */
  get output() {
    return this.child.output
  }

  /** Starts it, or starts it again on the same port after `stop` or `kill`; ready when this resolves. */
  async start() {
    this.#child = runHeadcount(this.#args, this.#env)
    await this.#child.until('a server that is ready', () => isReady(`${this.url}/readyz`))
  }

  /** Drains it (SIGTERM). Says how it ended. */
  stop() {
    return this.child.stop()
  }

  /** Ends it at once (SIGKILL). */
  kill() {
    return this.child.kill()
  }

  /** Holds it still (SIGSTOP): its sockets stay open and nothing is answered. */
  pause() {
    this.child.signal('SIGSTOP')
  }

  /** Lets it go on (SIGCONT). */
  resume() {
    this.child.signal('SIGCONT')
  }
}

/** @typedef {Server} HeadcountServer */

/** @param {string} url */
async function isReady(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

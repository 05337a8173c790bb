import { fileURLToPath } from 'node:url'
import { Child } from './child.mjs'
import { freePort } from './port.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const headcount = fileURLToPath(new URL('../../packages/server/bin/headcount.js', import.meta.url))

/**
 * Runs the built `headcount` command with none of this shell's own HEADCOUNT_ settings.
 *
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env] Added to the environment.
 * @param {string} [cwd]
 */
export function runHeadcount(args, env = {}, cwd = root) {
  const ours = Object.entries(process.env).filter(
    ([name]) => !/^(HEADCOUNT_|NODE_OPTIONS$|VITEST)/.test(name),
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
    const port = await freePort()
    const child = runHeadcount(['serve', '--port', String(port), '--host', '127.0.0.1', ...args], env)
    const url = `http://127.0.0.1:${port}`
    try {
      await child.until('a server that is ready', () => isReady(`${url}/readyz`))
      return new Server(child, url, port)
    } catch (error) {
      await child.kill()
      // Another program was quicker to the port.
      if (tries < 3 && child.output.includes('EADDRINUSE')) continue
      throw error
    }
  }
}

class Server {
  /**
   * @param {Child} child
   * @param {string} url
   * @param {number} port
   */
  constructor(child, url, port) {
    this.child = child
    /** `http://127.0.0.1:4321` */
    this.url = url
    this.port = port
    /** The address that the stock `phoenix` client is given. */
    this.socketUrl = `ws://127.0.0.1:${port}/socket`
  }

  /** All that it has written to stdout and stderr so far. */
  get output() {
    return this.child.output
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

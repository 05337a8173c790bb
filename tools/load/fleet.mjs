import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createBirpc } from 'birpc'

const program = fileURLToPath(new URL('./fleet-process.mjs', import.meta.url))

/**
 * Many clients in a separate process, so that they and the server do not share an event loop. Its requests are those of
 * fleet-process.mjs. Each throws the error of the request, or if the process has exited.
 */
export class Fleet {
  // Errors can be sent, too.
  #child = fork(program, { execArgv: [], serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  #exited = once(this.#child, 'exit')
  /** @type {import('birpc').BirpcReturn<typeof import('./fleet-process.mjs').requests>} */
  #remote = createBirpc(
    {},
    {
      timeout: -1,
      post: (message) =>
        new Promise((sent, failed) => {
          this.#child.send(message, (error) => (error ? failed(error) : sent(undefined)))
        }),
      on: (listener) => this.#child.on('message', listener),
    },
  )
  setup = this.#remote.setup
  grow = this.#remote.grow
  churn = this.#remote.churn
  toggle = this.#remote.toggle
  probe = this.#remote.probe
  tally = this.#remote.tally
  wrong = this.#remote.wrong
  traces = this.#remote.traces
  run = this.#remote.run
  settle = this.#remote.settle
  look = this.#remote.look
  clear = this.#remote.clear

  constructor() {
    void this.#exited.then(() => this.#remote.$close(new Error('the process of the fleet has exited')))
  }

  get pid() {
    return this.#child.pid ?? 0
  }

  /** Ends the process, and with it all connections. */
  async stop() {
    if (this.#child.connected) this.#child.disconnect()
    await this.#exited
  }
}

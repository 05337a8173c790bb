import type { Port } from '../workers/batched.js'

type End = 'worker' | 'primary'

/** A channel between a worker and its primary, in memory. As between processes, messages are JSON and arrive later. */
export class Ports {
  readonly worker = this.#port('worker', 'primary')
  readonly primary = this.#port('primary', 'worker')
  /** The text of every message that was sent. */
  readonly sent: string[] = []
  readonly #listeners = {
    worker: new Set<(message: unknown) => void>(),
    primary: new Set<(message: unknown) => void>(),
  }
  readonly #delayed: (() => void)[] = []
  #state: 'open' | 'paused' | 'cut' = 'open'

  get isPaused(): boolean {
    return this.#state === 'paused'
  }

  /** Messages wait in the channel: the worker's process is stopped. */
  pause(): void {
    this.#state = 'paused'
  }

  resume(): void {
    this.#state = 'open'
    for (const deliver of this.#delayed.splice(0)) deliver()
  }

  /** Messages are lost: the worker's process has exited. */
  cut(): void {
    this.#state = 'cut'
  }

  #port(from: End, to: End): Port {
    return {
      send: (message, sent) => {
        const text = JSON.stringify(message)
        this.sent.push(text)
        const deliver = (): void => {
          sent()
          if (this.#state !== 'cut') for (const listener of [...this.#listeners[to]]) listener(JSON.parse(text))
        }
        if (this.#state === 'paused') this.#delayed.push(deliver)
        else queueMicrotask(deliver)
      },
      subscribe: (listener) => {
        this.#listeners[from].add(listener)
        return () => void this.#listeners[from].delete(listener)
      },
    }
  }
}

import type { Port } from '../../packages/server/src/workers/rpc.js'

/** Two ports joined in memory: as between processes, what is sent is JSON, and arrives later and in order. */
export class Ports {
  readonly worker: Port
  readonly primary: Port
  /** All that has crossed, as text. */
  readonly crossed: string[] = []
  readonly #listeners = {
    worker: new Set<(message: unknown) => void>(),
    primary: new Set<(message: unknown) => void>(),
  }
  readonly #waiting: (() => void)[] = []
  #still = false
  #cut = false

  constructor() {
    this.worker = this.#port('worker', 'primary')
    this.primary = this.#port('primary', 'worker')
  }

  /** Nothing arrives, and nothing is lost: the worker's process stands still. */
  pause(): void {
    this.#still = true
  }

  resume(): void {
    this.#still = false
    for (const deliver of this.#waiting.splice(0)) deliver()
  }

  /** Nothing arrives any more: the worker's process has died. */
  cut(): void {
    this.#cut = true
  }

  #port(from: 'worker' | 'primary', to: 'worker' | 'primary'): Port {
    return {
      send: (message) => {
        const text = JSON.stringify(message)
        this.crossed.push(text)
        const deliver = () => {
          if (this.#cut) return
          for (const listener of [...this.#listeners[to]]) listener(JSON.parse(text))
        }
        if (this.#still) this.#waiting.push(deliver)
        else queueMicrotask(deliver)
      },
      on: (listener) => {
        this.#listeners[from].add(listener)
        return () => void this.#listeners[from].delete(listener)
      },
    }
  }
}

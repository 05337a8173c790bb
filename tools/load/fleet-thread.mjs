import { Worker } from 'node:worker_threads'

/**
 * What a thread of a fleet can be asked to do.
 *
 * @typedef {typeof import('./fleet-worker.mjs').requests} Requests
 */

/** A thread that answers requests. */
export class FleetThread {
  #worker = new Worker(new URL('./fleet-worker.mjs', import.meta.url), { execArgv: [] })
  #next = 0
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map()
  #stopped = false

  constructor() {
    this.#worker.on('message', ({ id, result, error }) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result)
      else waiting?.reject(new Error(error))
    })
    this.#worker.on('error', (error) => this.#end(error))
    this.#worker.on('exit', () => this.#end(new Error('a thread of the load has ended')))
  }

  /**
   * @template {keyof Requests} N
   * @param {N} name
   * @param {Parameters<Requests[N]>[0]} argument
   * @returns {Promise<Awaited<ReturnType<Requests[N]>>>}
   * @throws what the request threw, or where the thread has ended.
   */
  ask(name, argument) {
    if (this.#stopped) return Promise.reject(new Error('the load is stopped'))
    const id = this.#next++
    this.#worker.postMessage({ id, name, argument })
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  async stop() {
    this.#stopped = true
    await this.#worker.terminate()
  }

  /** @param {Error} error */
  #end(error) {
    this.#stopped = true
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

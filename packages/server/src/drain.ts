import type { Clock, Replica } from '@headcount/core'
import type { Sockets } from './sockets/sockets.js'

/** How a server drains. All times are in ms. */
export interface DrainOptions {
  /** How long new clients are still accepted while `/readyz` is 503, for load balancers to notice. Default: 0. */
  readonly delay?: number
  /** How long it takes to close all sockets. Default: 0, all at once. */
  readonly over?: number
  /** Called when the server starts refusing new clients: the time to stop listening. */
  refused?(): void
  /** Called for each batch with the number of sockets that are about to be closed. */
  closing?(sockets: number): void
}

export interface DrainParts {
  readonly sockets: Sockets
  readonly replica: Replica
  readonly clock: Clock
  /** Refuses new sockets and ends streams. */
  refuse(): void
  /** Resolves when the requests that have arrived so far are being answered. */
  handled(): Promise<void>
  /** How many requests are being answered. */
  answering(): number
  /** Resolves when every connection has closed. */
  closed(): Promise<void>
}

/** How often, in ms, a batch of sockets is closed. */
const batchInterval = 100

/** How long, in ms, the drain waits for the commit of a batch's leaves, and for the answers to requests. */
const busyTimeout = 1000

/**
 * Closes the sockets of a server, once. Clients reconnect within milliseconds to other replicas, so they are closed in
 * batches. The presences of a batch are removed first: otherwise a client that reconnects would count twice.
 */
export class Drain {
  #isHurried = false
  #endWait = (): void => {}
  #running: Promise<void> | undefined

  constructor(private readonly parts: DrainParts) {}

  get hasBegun(): boolean {
    return this.#running !== undefined
  }

  /** Resolves when all is closed. A second call completes the first one at once. */
  run(options: DrainOptions = {}): Promise<void> {
    if (this.#running !== undefined) {
      this.#isHurried = true
      this.#endWait()
    }
    this.#running ??= this.#run(options)
    return this.#running
  }

  async #run({ delay = 0, over = 0, refused, closing }: DrainOptions): Promise<void> {
    const { sockets, replica, refuse, handled, answering, closed } = this.parts
    if (delay > 0) await this.#wait(delay)
    refuse()
    refused?.()
    const batch = Math.ceil(sockets.size / Math.max(1, Math.floor(over / batchInterval)))
    while (sockets.size > 0 && !this.#isHurried) {
      const leaving = sockets.removePresences(batch)
      await this.#while(() => replica.isCommitting)
      closing?.(leaving.length)
      for (const socket of leaving) socket.close('restart')
      if (sockets.size > 0) await this.#wait(batchInterval)
    }
    // Reads need the engine, and so do the answers to polls that other replicas have relayed.
    await handled()
    await this.#while(() => answering() > 0)
    await replica.stop()
    if (sockets.size > 0) closing?.(sockets.size)
    sockets.closeAll('restart')
    await closed()
  }

  async #while(isBusy: () => boolean): Promise<void> {
    await this.#endOfTurn()
    for (let waited = 0; isBusy() && waited < busyTimeout; waited += 10) await this.#wait(10)
  }

  #endOfTurn(): Promise<void> {
    return new Promise((resolve) => this.parts.clock.soon(resolve))
  }

  #wait(ms: number): Promise<void> {
    if (this.#isHurried) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.parts.clock.after(ms, resolve)
      this.#endWait = () => {
        cancel()
        resolve()
      }
    })
  }
}

import { LoadClient } from '../../tools/load/client.mjs'

/** Milliseconds after which a client whose socket closed connects again: jitter, so that not all return at once. */
const minDelay = 50
const maxDelay = 400

/** Clients that come back after their socket closed, to a server that is not draining: as behind a balancer. */
export class ReturningClients {
  readonly all: LoadClient[]
  readonly #urls: () => readonly string[]
  readonly #timers = new Set<NodeJS.Timeout>()
  #random: () => number
  #next = 0

  /**
   * @param urls the servers that take new sockets now.
   * @param random returns a number from 0 up to 1.
   */
  constructor(count: number, topic: string, urls: () => readonly string[], random: () => number) {
    this.#urls = urls
    this.#random = random
    const listener = { closed: (client: LoadClient) => this.#returnLater(client) }
    this.all = Array.from({ length: count }, (_, number) => {
      const client = new LoadClient({ url: 'ws://127.0.0.1', topic, number, listener })
      client.trace = []
      return client
    })
  }

  async join(): Promise<void> {
    for (let i = 0; i < this.all.length; i += 50) {
      await Promise.all(this.all.slice(i, i + 50).map((client) => this.#connect(client)))
    }
  }

  /** Drops a client's connection; it comes back by itself, as a page that reloads. */
  reload(client: LoadClient): void {
    client.drop()
    this.#returnLater(client)
  }

  /** Whether every client is connected and shows this total. */
  show(total: number): boolean {
    return this.all.every((client) => client.open && client.total === total)
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    for (const client of this.all) client.drop()
  }

  #returnLater(client: LoadClient): void {
    const delay = minDelay + this.#random() * (maxDelay - minDelay)
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void this.#connect(client)
    }, delay)
    this.#timers.add(timer)
  }

  async #connect(client: LoadClient): Promise<void> {
    const urls = this.#urls()
    client.url = urls[this.#next++ % urls.length]!
    if (await client.connect()) await client.join()
  }
}

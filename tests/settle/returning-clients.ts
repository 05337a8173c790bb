import { LoadClient } from '../../tools/load/client.mjs'

/** The delay, in ms, before a client whose socket closed connects again, by default with jitter. */
const jitter = [50, 400] as const
/** Without jitter, like the stock client. */
export const stockDelay = [10, 10] as const

/** Clients that reconnect after their socket closed to a server that is not draining, as behind a load balancer. */
export class ReturningClients {
  readonly all: LoadClient[]
  /** When clients connected to each server, in ms of `performance.now`. */
  readonly connects = new Map<string, number[]>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #next = 0

  /** @param urls the servers that accept new sockets now. @param random returns a number from 0 up to 1. */
  constructor(
    count: number,
    topic: string,
    private readonly urls: () => readonly string[],
    private readonly random: () => number,
    private readonly delay: readonly [min: number, max: number] = jitter,
  ) {
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

  /** Drops a client's connection; it reconnects by itself, like a page that reloads. */
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
    const [min, max] = this.delay
    const delay = min + this.random() * (max - min)
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void this.#connect(client)
    }, delay)
    this.#timers.add(timer)
  }

  async #connect(client: LoadClient): Promise<void> {
    const urls = this.urls()
    client.url = urls[this.#next++ % urls.length]!
    const connects = this.connects.get(client.url) ?? []
    connects.push(performance.now())
    this.connects.set(client.url, connects)
    if (await client.connect()) await client.join()
  }
}

import { WireClient } from '../client/wire-client.js'
import { pause } from '../until.js'
import type { Act, ClientPlan } from './plan.js'

/** One client of a storm, as long as it lasts: it may have one connection after another. */
export class Actor {
  #client: WireClient | undefined
  #inside = false
  /** What connections that are over had to say. */
  #faults: string[] = []
  #opened = 0

  constructor(
    readonly plan: ClientPlan,
    readonly topic: string,
    /** The servers of its first connection, of the next one, and so on. */
    readonly urls: readonly string[],
    readonly token: string | undefined,
  ) {}

  /** Does everything, each at its time. */
  async run(begun: number): Promise<void> {
    for (const { at, act } of this.plan.acts) {
      await pause(Math.max(0, begun + at - performance.now()))
      await this.#do(act)
    }
  }

  /** Once it is answered, the server has handled all that this client sent. */
  async settle(): Promise<void> {
    if (this.#client !== undefined) await this.#client.heartbeat()
  }

  /** The connection on which it is told the topic's counts, or undefined. */
  get inside(): WireClient | undefined {
    return this.#inside ? this.#client : undefined
  }

  /** Breaches of exactness, over all its connections. */
  get faults(): string[] {
    return [...this.#faults, ...(this.#client?.faults ?? [])]
  }

  end(): void {
    this.#client?.drop()
  }

  async #do(act: Act): Promise<void> {
    const { topic } = this
    if (act === 'join' || act === 'observe') {
      const client = this.#client ?? (await this.#open())
      client.sendJoin(topic, act === 'observe' ? { observe: true } : {})
      this.#inside = true
      return
    }
    const client = this.#client!
    if (act === 'leave' || act === 'leave-and-join') client.push(topic, 'phx_leave')
    if (act === 'leave-and-join' || act === 'join-again') client.sendJoin(topic)
    else if (act === 'leave') this.#inside = false
    else this.#part(act)
  }

  async #open(): Promise<WireClient> {
    const url = this.urls[this.#opened++ % this.urls.length]!
    this.#client = await WireClient.open(url, { vsn: this.plan.vsn, token: this.token })
    return this.#client
  }

  #part(act: Act): void {
    const client = this.#client!
    this.#client = undefined
    this.#inside = false
    this.#faults = [...this.#faults, ...client.faults]
    if (act === 'close') void client.close()
    else if (act === 'reset') client.stream.resetAndDestroy()
    else client.drop()
  }
}

import type { Counts } from '@headcount/protocol'
import { countsOf, pause, type Random, sameCounts, until, WireClient } from '@headcount/testing'
import { tokenOf } from './cluster.js'

/** The smallest and the largest count that may be shown of each group. */
export interface Bounds {
  readonly users: readonly [min: number, max: number]
  readonly viewers: readonly [min: number, max: number]
}

/** In ms. */
const heartbeat = 20_000

/**
 * Many clients of one topic, every third of them a user. They check every frame they receive. The truth is computed
 * from their actions, not from the server's frames.
 */
export class TopicClients {
  readonly clients: WireClient[] = []
  /** The first impossible counts that a client received, and violations of exactness of clients that left. */
  readonly #faults: string[] = []
  /** Viewers of the topic that are not among these clients. */
  guests = 0
  /** The smallest sum that a client has shown since this was last set. */
  lowest = Number.POSITIVE_INFINITY
  readonly #users = new Set<WireClient>()
  readonly #heartbeats: NodeJS.Timeout
  #bounds: Bounds | undefined
  #joined = 0

  constructor(readonly topic: string) {
    this.#heartbeats = setInterval(() => {
      for (const client of this.open) client.push('phoenix', 'heartbeat', {}, null)
    }, heartbeat)
  }

  get open(): WireClient[] {
    return this.clients.filter(({ closedWith }) => closedWith === undefined)
  }

  /** The counts of all open clients and the guests. */
  get truth(): Counts {
    const { users, viewers } = this.count(this.open)
    return countsOf(users.count, viewers.count + this.guests)
  }

  count(clients: readonly WireClient[]): Counts {
    const users = clients.filter((client) => this.#users.has(client)).length
    return countsOf(users, clients.length - users)
  }

  /** Joins clients at a server; resolves when each has its state. */
  async join(url: string, size: number): Promise<WireClient[]> {
    const joined: WireClient[] = []
    // In batches, because a listen queue holds a few hundred connections.
    for (let left = size; left > 0; left -= 100) {
      const batch = Array.from({ length: Math.min(left, 100) }, () => this.#join(url))
      joined.push(...(await Promise.all(batch)))
    }
    return joined
  }

  /** Disconnects a client, with or without a close frame. */
  disconnect(client: WireClient, closeFrame: boolean): void {
    this.clients.splice(this.clients.indexOf(client), 1)
    this.#faults.push(...client.faults)
    if (closeFrame) void client.close()
    else client.drop()
  }

  /**
   * Makes clients join random servers and leave, about forty times a second, and keeps their number about constant.
   * @returns a function that stops this, and resolves after the last join or leave.
   */
  churn(urls: () => readonly string[], random: Random): () => Promise<void> {
    const size = this.open.length
    let stopped = false
    const run = async () => {
      while (!stopped) {
        await pause(random.below(50))
        const { open } = this
        if (open.length > size || (open.length > size / 2 && random.chance(0.5))) {
          this.disconnect(random.of(open), random.chance(0.5))
        } else await this.join(random.of(urls()), 1)
      }
    }
    const running = run()
    return () => {
      stopped = true
      return running
    }
  }

  /** Counts out of these bounds are a fault after this call. */
  bound(bounds: Bounds | undefined): void {
    this.#bounds = bounds
  }

  /** Counts that are not between these are a fault after this call. */
  boundBetween(a: Counts, b: Counts): void {
    const range = (group: 'users' | 'viewers') =>
      [Math.min(a[group].count, b[group].count), Math.max(a[group].count, b[group].count)] as const
    this.bound({ users: range('users'), viewers: range('viewers') })
  }

  /** Waits until clients show the truth; @returns the duration in ms. */
  async converge(within: number, clients = this.open, truth = this.truth): Promise<number> {
    const start = performance.now()
    const wrong = () => clients.filter((client) => !sameCounts(client.shown(this.topic), truth))
    await until(`all clients to show ${JSON.stringify(truth)}`, () => wrong().length === 0, {
      within,
      got: () => `${wrong().length} other ones, such as ${JSON.stringify(wrong()[0]?.shown(this.topic))}`,
    })
    return performance.now() - start
  }

  /** Violations of exactness or of the bounds. */
  get faults(): string[] {
    return [...this.#faults, ...this.clients.flatMap(({ faults }) => faults)]
  }

  drop(): void {
    clearInterval(this.#heartbeats)
    for (const client of this.clients) client.drop()
  }

  async #join(url: string): Promise<WireClient> {
    const index = this.#joined++
    const isUser = index % 3 === 0
    const token = isUser ? tokenOf(`planted-user-${index}`) : undefined
    const client = await WireClient.open(url, { token, keep: false })
    if (isUser) this.#users.add(client)
    this.clients.push(client)
    client.socket.on('message', () => this.#check(client))
    return client.enter(this.topic)
  }

  #check(client: WireClient): void {
    const counts = client.shown(this.topic)
    if (counts === undefined) return
    this.lowest = Math.min(this.lowest, counts.users.count + counts.viewers.count)
    if (this.#bounds === undefined || this.#faults.length > 4) return
    for (const group of ['users', 'viewers'] as const) {
      const [min, max] = this.#bounds[group]
      const { count } = counts[group]
      if (count < min || count > max) this.#faults.push(`${count} ${group}, not between ${min} and ${max}`)
    }
  }
}

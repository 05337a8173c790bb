import type { Counts } from '@headcount/protocol'
import { countsOf, pause, type Random, sameCounts, until } from '@headcount/testing'
import { SoakClient } from './soak-client.js'

export interface SoakClientsOptions {
  readonly clients: number
  readonly topics: number
  urls(): readonly string[]
  readonly seeded: Random
}

/** The number of random actions, and the interval in ms. */
const actsPerBatch = 4
const batchInterval = 20
/** In ms. */
const heartbeat = 20_000

/** Clients that act at random on all replicas and topics. The truth is computed from their actions. */
export class SoakClients {
  readonly #clients: readonly SoakClient[]
  /** Three of four topics count connections, `room:…`; the others people, `people:…`. */
  readonly #topics: readonly string[]
  readonly #heartbeats: NodeJS.Timeout
  #stopped = true
  #running: Promise<void> = Promise.resolve()

  constructor(private readonly options: SoakClientsOptions) {
    const { clients, topics } = options
    this.#topics = Array.from({ length: topics }, (_, i) => `${i % 4 === 3 ? 'people' : 'room'}:${i}`)
    // Fewer people than clients: some people have two tabs, on two replicas.
    this.#clients = Array.from({ length: clients }, (_, i) => {
      const userId = i % 3 === 0 ? `planted-user-${i % Math.ceil(clients / 3)}` : null
      return new SoakClient(userId, `planted-client-${i % 600}`)
    })
    this.#heartbeats = setInterval(() => {
      for (const client of this.#clients) client.heartbeat()
    }, heartbeat)
  }

  get joined(): number {
    return this.#clients.filter(({ joined }) => joined !== undefined).length
  }

  get faults(): string[] {
    return this.#clients.flatMap(({ faults }) => faults)
  }

  /** Starts random acts, until `stop`. */
  start(): void {
    this.#stopped = false
    this.#running = this.#run()
  }

  /** Resolves when the servers have handled all messages. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    await Promise.all(this.#clients.map((client) => client.settle()))
  }

  /**
   * Waits until every client shows, and every replica serves, the truth.
   * @throws after `within` ms; the error has the first differences.
   */
  async converge(within: number): Promise<void> {
    let wrong: string[] = []
    const isRight = async () => {
      wrong = await this.#wrong(this.#truth())
      if (wrong.length > 0) await pause(50)
      return wrong.length === 0
    }
    const got = () => `${wrong.length} wrong counts: ${wrong.slice(0, 5).join('; ')}`
    await until('the truth everywhere', isRight, { within, got })
  }

  drop(): void {
    clearInterval(this.#heartbeats)
    for (const client of this.#clients) client.drop()
  }

  #truth(): Map<string, Counts> {
    const ids = new Map(this.#topics.map((topic) => [topic, { users: [] as string[], viewers: [] as string[] }]))
    for (const { joined, userId, clientId } of this.#clients) {
      if (joined !== undefined) ids.get(joined.topic)![userId === null ? 'viewers' : 'users'].push(userId ?? clientId)
    }
    const count = (topic: string, ids: string[]) => (topic.startsWith('people:') ? new Set(ids).size : ids.length)
    return new Map(
      [...ids].map(([topic, { users, viewers }]) => [topic, countsOf(count(topic, users), count(topic, viewers))]),
    )
  }

  async #wrong(truth: Map<string, Counts>): Promise<string[]> {
    const shown = this.#clients.flatMap(({ joined }) => {
      const counts = joined?.client.shown(joined.topic)
      if (joined === undefined || sameCounts(counts, truth.get(joined.topic))) return []
      return [`shown in ${joined.topic}: ${text(counts)}, truth ${text(truth.get(joined.topic))}`]
    })
    if (shown.length > 0) return shown
    const served = await Promise.all(this.options.urls().map((url) => fetchCounts(url, this.#topics)))
    return served.flatMap((counts, i) =>
      this.#topics
        .filter((topic) => !sameCounts(counts[topic], truth.get(topic)))
        .map((topic) => `replica ${i} of ${topic}: ${text(counts[topic])}, truth ${text(truth.get(topic))}`),
    )
  }

  async #run(): Promise<void> {
    const { seeded, urls } = this.options
    const act = (clients: readonly SoakClient[], times: number) => {
      for (let i = 0; i < times; i++) seeded.of(clients).act(seeded, urls(), this.#topics)
    }
    while (!this.#stopped) {
      act(this.#clients, actsPerBatch)
      // Disconnected clients act more often, so that the number of joined ones does not shrink.
      const away = this.#clients.filter(({ joined }) => joined === undefined)
      if (away.length > 0) act(away, 2 * actsPerBatch)
      await pause(batchInterval)
    }
  }
}

async function fetchCounts(url: string, topics: readonly string[]): Promise<Record<string, Counts>> {
  const counts: Record<string, Counts> = {}
  for (let i = 0; i < topics.length; i += 100) {
    const query = topics.slice(i, i + 100).map((topic) => `topic=${topic}`)
    const response = await fetch(`${url}/api/counts?${query.join('&')}`)
    Object.assign(counts, ((await response.json()) as { counts: Record<string, Counts> }).counts)
  }
  return counts
}

function text(counts: Counts | undefined): string {
  return counts === undefined ? 'none' : `${counts.users.count}+${counts.viewers.count}`
}

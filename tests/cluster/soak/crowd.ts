import type { Counts } from '@headcount/protocol'
import { countsOf, pause, type Random, sameCounts, until } from '@headcount/testing'
import { Goer } from './goer.js'

export interface CrowdOptions {
  readonly clients: number
  readonly topics: number
  urls(): readonly string[]
  readonly dice: Random
}

/** Acts come in batches of so many, so often (ms). */
const batch = 4
const every = 20
/** How often, in ms, clients say that they live. */
const heartbeat = 20_000

/** Clients that come and go at random over all replicas and topics. The truth is what they did. */
export class SoakCrowd {
  readonly goers: readonly Goer[]
  /** Three of four count connections, `room:…`; the others people, with a grace, `people:…`. */
  readonly topics: readonly string[]
  readonly #o: CrowdOptions
  readonly #beats: NodeJS.Timeout
  #over = true
  #running: Promise<void> = Promise.resolve()

  constructor(options: CrowdOptions) {
    this.#o = options
    const { clients, topics } = options
    this.topics = Array.from({ length: topics }, (_, i) => `${i % 4 === 3 ? 'people' : 'room'}:${i}`)
    // Fewer people than clients: some are on two tabs, and these on two replicas.
    this.goers = Array.from(
      { length: clients },
      (_, i) =>
        new Goer(i % 3 === 0 ? `planted-user-${i % Math.ceil(clients / 3)}` : null, `planted-client-${i % 600}`),
    )
    this.#beats = setInterval(() => {
      for (const goer of this.goers) goer.beat()
    }, heartbeat)
  }

  get size(): number {
    return this.goers.filter(({ inside }) => inside !== undefined).length
  }

  get faults(): string[] {
    return this.goers.flatMap(({ faults, inside }) => [...faults, ...(inside?.client.faults ?? [])])
  }

  /** Lets them come and go until `stop`. */
  go(): void {
    this.#over = false
    this.#running = this.#run()
  }

  /** Ends it, and waits until the servers have handled all that was sent. */
  async stop(): Promise<void> {
    this.#over = true
    await this.#running
    await Promise.all(this.goers.map((goer) => goer.settle()))
  }

  /** What each topic's counts are. */
  truth(): Map<string, Counts> {
    const users = new Map<string, string[]>(this.topics.map((topic) => [topic, []]))
    const viewers = new Map<string, string[]>(this.topics.map((topic) => [topic, []]))
    for (const { inside, user, browser } of this.goers) {
      if (inside !== undefined) (user === null ? viewers : users).get(inside.topic)!.push(user ?? browser)
    }
    const size = (topic: string, ids: string[]) => (topic.startsWith('people:') ? new Set(ids).size : ids.length)
    return new Map(
      this.topics.map((topic) => [topic, countsOf(size(topic, users.get(topic)!), size(topic, viewers.get(topic)!))]),
    )
  }

  /**
   * Waits until every client shows, and every replica tells, the truth.
   * @throws where that is not so within `within` ms: the error says who is wrong.
   */
  async right(within: number): Promise<void> {
    const wrong = async () => {
      const truth = this.truth()
      const shown = this.goers.flatMap(({ inside }) => {
        const counts = inside?.client.shown(inside.topic)
        if (inside === undefined || sameCounts(counts, truth.get(inside.topic))) return []
        return [`shown in ${inside.topic}: ${say(counts)}, truth ${say(truth.get(inside.topic))}`]
      })
      if (shown.length > 0) return shown
      const told = await Promise.all(this.#o.urls().map((url) => tells(url, this.topics)))
      return told.flatMap((counts, i) =>
        this.topics
          .filter((topic) => !sameCounts(counts[topic], truth.get(topic)))
          .map((topic) => `replica ${i} of ${topic}: ${say(counts[topic])}, truth ${say(truth.get(topic))}`),
      )
    }
    let last: string[] = []
    const isRight = async () => {
      last = await wrong()
      if (last.length > 0) await pause(50)
      return last.length === 0
    }
    await until('everyone to be right', isRight, {
      within,
      got: () => `${last.length} wrong: ${last.slice(0, 5).join('; ')}`,
    })
  }

  /** Everybody goes. */
  end(): void {
    clearInterval(this.#beats)
    for (const goer of this.goers) goer.end()
  }

  async #run(): Promise<void> {
    const { dice, urls } = this.#o
    while (!this.#over) {
      // Who has lost the connection comes back soon: else there would be fewer and fewer.
      const gone = this.goers.filter(({ inside }) => inside === undefined)
      for (let i = 0; i < batch; i++) dice.of(this.goers).act(dice, urls(), this.topics)
      for (let i = 0; i < 2 * batch && gone.length > 0; i++) dice.of(gone).act(dice, urls(), this.topics)
      await pause(every)
    }
  }
}

/** What one replica tells of topics over HTTP. */
async function tells(url: string, topics: readonly string[]): Promise<Record<string, Counts>> {
  const told: Record<string, Counts> = {}
  for (let i = 0; i < topics.length; i += 100) {
    const query = topics.slice(i, i + 100).map((topic) => `topic=${topic}`)
    const answer = await fetch(`${url}/api/counts?${query.join('&')}`)
    Object.assign(told, ((await answer.json()) as { counts: Record<string, Counts> }).counts)
  }
  return told
}

function say(counts: Counts | undefined): string {
  return counts === undefined ? 'nothing' : `${counts.users.count}+${counts.viewers.count}`
}

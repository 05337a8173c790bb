import { pause, type Random, until, WireClient } from '@headcount/testing'

export interface CrowdOptions {
  /** One server, or several of a cluster: clients are spread over them. */
  readonly urls: readonly string[]
  readonly topic: string
  readonly token: string | undefined
  readonly random: Random
  /** In ms: how long no count may change before those that are wrong are taken as final. */
  readonly wait: number
}

/** How many connections are opened at once. */
const atOnce = 50
/** How long, in ms, to wait for counts that go on changing. */
const patience = 20_000
/** How long, in ms, right counts must stay as they are. */
const confirmation = 1_500

/** The clients of one topic. Each shows what the page of the 2018 article would: state, plus joins, minus leaves. */
export class Crowd {
  readonly #options: CrowdOptions
  /** Those that are joined: what a right server counts. */
  readonly inside = new Set<WireClient>()

  constructor(options: CrowdOptions) {
    this.#options = options
  }

  /** Opens clients that do not join yet. @throws where a connection is refused. */
  async open(size: number): Promise<WireClient[]> {
    const { urls, token } = this.#options
    const opened: WireClient[] = []
    while (opened.length < size) {
      const batch = Array.from({ length: Math.min(atOnce, size - opened.length) }, (_, i) =>
        WireClient.open(urls[(opened.length + i) % urls.length]!, { keep: false, token }),
      )
      opened.push(...(await Promise.all(batch)))
    }
    return opened
  }

  /** @throws where the server refuses the join. */
  async join(client: WireClient): Promise<void> {
    const { status, response } = (await client.join(this.#options.topic)).payload
    if (status !== 'ok') throw refused(this.#options.topic, response?.reason)
    this.inside.add(client)
  }

  async leave(client: WireClient): Promise<void> {
    this.inside.delete(client)
    await client.leave(this.#options.topic)
  }

  /** Ends a connection as a closed tab does. */
  async close(client: WireClient): Promise<void> {
    this.inside.delete(client)
    await client.close()
  }

  /** Runs an act for each client, each at a random time within `ms`. */
  async spread(clients: Iterable<WireClient>, ms: number, act: (client: WireClient) => Promise<void>): Promise<void> {
    const { random } = this.#options
    const at = (client: WireClient) => pause(random.below(ms)).then(() => act(client))
    await Promise.all([...clients].map(at))
  }

  /**
   * Waits until no client's total changes any more, or for 20 s. Wrong totals may become right once the settle time of
   * the topic has passed, so they get longer.
   */
  async quiet(): Promise<void> {
    const { wait } = this.#options
    let [last, since] = ['', performance.now()]
    const isQuiet = () => {
      const totals = [...this.inside].map((client) => this.totalOf(client)).join()
      if (totals !== last) [last, since] = [totals, performance.now()]
      const unchangedFor = performance.now() - since
      return unchangedFor >= wait || (unchangedFor >= confirmation && this.wrong().length === 0)
    }
    await until('quiet', isQuiet, { within: patience + wait }).catch(() => {})
  }

  /** The number of people that a client shows; undefined before its first state. */
  totalOf(client: WireClient): number | undefined {
    const counts = client.shown(this.#options.topic)
    return counts && counts.users.count + counts.viewers.count
  }

  /** Those that show another number than there are clients, or that were sent what cannot be right. */
  wrong(): WireClient[] {
    return [...this.inside].filter((client) => this.totalOf(client) !== this.inside.size)
  }
}

function refused(topic: string, reason: unknown): Error {
  const hint = reason === 'unmatched topic' ? '; name a start that its topics allow, such as --topic video:' : ''
  return new Error(`the server refused to join ${topic}: ${reason}${hint}`)
}

import { pause, type Random, until, WireClient } from '@headcount/testing'

export interface CrowdOptions {
  /** One server, or several of a cluster: clients are spread over them. */
  readonly urls: readonly string[]
  readonly topic: string
  readonly token: string | undefined
  readonly random: Random
  /** How long, in ms, no count may change before wrong ones are final. */
  readonly wait: number
}

/** The number of connections that are opened concurrently. */
const atOnce = 50
/** Timeout, in ms, for counts that keep changing. */
const quietTimeout = 20_000
/** How long, in ms, correct counts must not change. */
const confirmation = 1_500

/** The clients of one topic. Each computes counts like the page of the 2018 article. */
export class Crowd {
  /** The joined clients, which a correct server counts. */
  readonly inside = new Set<WireClient>()

  constructor(private readonly options: CrowdOptions) {}

  /** Opens clients that do not join yet. @throws if a connection is refused. */
  async open(size: number): Promise<WireClient[]> {
    const { urls, token } = this.options
    const opened: WireClient[] = []
    while (opened.length < size) {
      const batch = Array.from({ length: Math.min(atOnce, size - opened.length) }, (_, i) =>
        WireClient.open(urls[(opened.length + i) % urls.length]!, { keep: false, token }),
      )
      opened.push(...(await Promise.all(batch)))
    }
    return opened
  }

  /** @throws if the server refuses the join. */
  async join(client: WireClient): Promise<void> {
    const { status, response } = (await client.join(this.options.topic)).payload
    if (status !== 'ok') throw refused(this.options.topic, response?.reason)
    this.inside.add(client)
  }

  async leave(client: WireClient): Promise<void> {
    this.inside.delete(client)
    await client.leave(this.options.topic)
  }

  /** Ends a connection like a closed tab. */
  async close(client: WireClient): Promise<void> {
    this.inside.delete(client)
    await client.close()
  }

  /** Runs an action for each client, each at a random time within `ms`. */
  async spread(clients: Iterable<WireClient>, ms: number, act: (client: WireClient) => Promise<void>): Promise<void> {
    const { random } = this.options
    const at = (client: WireClient) => pause(random.below(ms)).then(() => act(client))
    await Promise.all([...clients].map(at))
  }

  /**
   * Waits until no client's total changes, or for 20 s. Wrong totals may become correct after the settle time of the
   * topic, so they get more time.
   */
  async quiet(): Promise<void> {
    const { wait } = this.options
    let [last, since] = ['', performance.now()]
    const isQuiet = () => {
      const totals = [...this.inside].map((client) => this.totalOf(client)).join()
      if (totals !== last) [last, since] = [totals, performance.now()]
      const unchangedFor = performance.now() - since
      return unchangedFor >= wait || (unchangedFor >= confirmation && this.wrong().length === 0)
    }
    await until('quiet', isQuiet, { within: quietTimeout + wait }).catch(() => {})
  }

  /** The number of people that a client shows; undefined before its first state. */
  totalOf(client: WireClient): number | undefined {
    const counts = client.shown(this.options.topic)
    return counts && counts.users.count + counts.viewers.count
  }

  /** Clients that show a wrong number, or that were sent impossible counts. */
  wrong(): WireClient[] {
    return [...this.inside].filter((client) => this.totalOf(client) !== this.inside.size)
  }
}

function refused(topic: string, reason: unknown): Error {
  const hint = reason === 'unmatched topic' ? '; name a start that its topics allow, such as --topic video:' : ''
  return new Error(`the server refused to join ${topic}: ${reason}${hint}`)
}

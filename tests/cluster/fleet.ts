import type { Counts } from '@headcount/protocol'
import { countsOf, sameCounts, until, WireClient } from '@headcount/testing'
import { tokenOf } from './cluster.js'

export interface FleetOptions {
  /** Every third is a user, unless this says otherwise. */
  readonly users?: (index: number) => boolean
}

/** Least and most that may be shown of each group. */
export interface Bounds {
  readonly users: readonly [least: number, most: number]
  readonly viewers: readonly [least: number, most: number]
}

/** How often, in ms, each client says that it lives. */
const heartbeat = 20_000

/**
 * Many clients in one topic, each of which looks at every frame that it is told. The truth is what they did: it is
 * asked of nobody.
 */
export class Fleet {
  readonly clients: WireClient[] = []
  /** What somebody was told that can never have been, the first few. */
  readonly faults: string[] = []
  /** Viewers in the topic that are not of this fleet. */
  guests = 0
  /** The least that anybody was told, users and viewers together; to be set anew by who asks. */
  lowest = Number.POSITIVE_INFINITY
  readonly #users: (index: number) => boolean
  readonly #isUser = new Map<WireClient, boolean>()
  readonly #beats: NodeJS.Timeout
  #bounds: Bounds | undefined
  #joined = 0

  constructor(
    readonly topic: string,
    { users = (index) => index % 3 === 0 }: FleetOptions = {},
  ) {
    this.#users = users
    this.#beats = setInterval(() => {
      for (const client of this.open) client.push('phoenix', 'heartbeat', {}, null)
    }, heartbeat)
  }

  /** Those whose connection has not ended. */
  get open(): WireClient[] {
    return this.clients.filter(({ end }) => end === undefined)
  }

  /** What the open ones add up to, with the guests. */
  get truth(): Counts {
    const { users, viewers } = this.count(this.open)
    return countsOf(users.count, viewers.count + this.guests)
  }

  /** What these add up to. */
  count(clients: readonly WireClient[]): Counts {
    const users = clients.filter((client) => this.#isUser.get(client) === true).length
    return countsOf(users, clients.length - users)
  }

  /** So many more clients at a server, all at once; resolves when each has its state. */
  async join(url: string, size: number): Promise<WireClient[]> {
    const joined: WireClient[] = []
    // A listen queue holds some hundreds.
    for (let left = size; left > 0; left -= 100) {
      const opening = Array.from({ length: Math.min(left, 100) }, () => this.#join(url))
      joined.push(...(await Promise.all(opening)))
    }
    return joined
  }

  /** One goes: with a goodbye, or without a word. */
  part(client: WireClient, goodbye: boolean): void {
    this.clients.splice(this.clients.indexOf(client), 1)
    this.faults.push(...client.faults)
    if (goodbye) void client.close()
    else client.drop()
  }

  /** From now on whoever is told anything outside of these bounds is a fault. */
  bound(bounds: Bounds | undefined): void {
    this.#bounds = bounds
  }

  /** No more than the truth from before or from then, and no less: the one way there is straight. */
  boundBetween(before: Counts, after: Counts): void {
    const span = (group: 'users' | 'viewers') =>
      [before[group].count, after[group].count].sort((a, b) => a - b) as [number, number]
    this.bound({ users: span('users'), viewers: span('viewers') })
  }

  /** Waits until each of these shows the truth. @returns after how many ms. */
  async right(within: number, clients = this.open, truth = this.truth): Promise<number> {
    const begun = performance.now()
    const wrong = () => clients.filter((each) => !sameCounts(each.shown(this.topic), truth))
    await until(`all to show ${JSON.stringify(truth)}`, () => wrong().length === 0, {
      within,
      got: () => `${wrong().length} that show otherwise, one ${JSON.stringify(wrong()[0]?.shown(this.topic))}`,
    })
    return performance.now() - begun
  }

  /** What was told that breaks the promise of exactness, or the bounds. */
  breaches(): string[] {
    return [...this.faults, ...this.clients.flatMap(({ faults }) => faults)]
  }

  /** Cuts every connection. */
  end(): void {
    clearInterval(this.#beats)
    for (const client of this.clients) client.drop()
  }

  async #join(url: string): Promise<WireClient> {
    const index = this.#joined++
    const isUser = this.#users(index)
    const token = isUser ? tokenOf(`planted-user-${index}`) : undefined
    const client = await WireClient.open(url, { token, keep: false })
    this.#isUser.set(client, isUser)
    this.clients.push(client)
    client.socket.on('message', () => this.#look(client))
    return client.enter(this.topic)
  }

  #look(client: WireClient): void {
    const counts = client.shown(this.topic)
    if (counts !== undefined) this.lowest = Math.min(this.lowest, counts.users.count + counts.viewers.count)
    if (this.#bounds === undefined || counts === undefined || this.faults.length > 4) return
    for (const group of ['users', 'viewers'] as const) {
      const [least, most] = this.#bounds[group]
      const { count } = counts[group]
      if (count < least || count > most) this.faults.push(`${count} ${group} where ${least} to ${most} may be`)
    }
  }
}

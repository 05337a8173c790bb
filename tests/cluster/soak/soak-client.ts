import { type Random, WireClient } from '@headcount/testing'
import { tokenOf } from '../../support/cluster.js'

/** A client that connects, joins, leaves and disconnects at random, in one topic at a time. */
export class SoakClient {
  /** Violations of exactness on closed connections. */
  readonly #faults: string[] = []
  #client: WireClient | undefined
  #topic: string | undefined
  #opening: Promise<void> | undefined

  constructor(
    /** Null: a viewer. */
    readonly userId: string | null,
    readonly clientId: string,
  ) {}

  /** The connection and the topic that it has joined, or undefined. */
  get joined(): { readonly client: WireClient; readonly topic: string } | undefined {
    if (this.#client === undefined || this.#client.closedWith !== undefined) return undefined
    return this.#topic === undefined ? undefined : { client: this.#client, topic: this.#topic }
  }

  get faults(): readonly string[] {
    return [...this.#faults, ...(this.#client?.faults ?? [])]
  }

  /** Starts a random action, and does not wait for its end: the server may not answer. */
  act(seeded: Random, urls: readonly string[], topics: readonly string[]): void {
    if (this.#opening !== undefined) return
    if (this.#client?.closedWith !== undefined) this.#disconnect('close')
    if (this.#client === undefined) this.#opening = this.#open(seeded.of(urls), seeded.of(topics))
    else if (this.#topic === undefined) this.#join(seeded.of(topics))
    else if (seeded.chance(0.5)) this.#disconnect(seeded.of(['close', 'drop', 'reset'] as const))
    else {
      const act = seeded.of(['leave', 'move', 'join again', 'leave and join'] as const)
      const topic = this.#topic
      if (act !== 'join again') this.#client.push(topic, 'phx_leave')
      this.#topic = undefined
      if (act !== 'leave') this.#join(act === 'move' ? seeded.of(topics) : topic)
    }
  }

  heartbeat(): void {
    this.joined?.client.push('phoenix', 'heartbeat', {}, null)
  }

  /** Resolves when the server has handled all messages, or the connection is closed. */
  async settle(): Promise<void> {
    await this.#opening
    const client = this.#client
    if (client !== undefined && client.closedWith === undefined) await Promise.race([client.heartbeat(), client.closed])
  }

  drop(): void {
    this.#disconnect('drop')
  }

  async #open(url: string, topic: string): Promise<void> {
    const identity = this.userId === null ? { clientId: this.clientId } : { token: tokenOf(this.userId) }
    try {
      this.#client = await WireClient.open(url, { ...identity, keep: false })
      this.#join(topic)
    } catch {
      // The replica is down. The next attempt is at any replica.
    } finally {
      this.#opening = undefined
    }
  }

  #join(topic: string): void {
    this.#client!.sendJoin(topic)
    this.#topic = topic
  }

  #disconnect(how: 'close' | 'drop' | 'reset'): void {
    const client = this.#client
    this.#client = undefined
    this.#topic = undefined
    if (client === undefined) return
    this.#faults.push(...client.faults)
    if (how === 'close') void client.close()
    else if (how === 'reset') client.stream.resetAndDestroy()
    else client.drop()
  }
}

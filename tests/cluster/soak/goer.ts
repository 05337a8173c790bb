import type { Random } from '@headcount/testing'
import { WireClient } from '@headcount/testing'
import { tokenOf } from '../cluster.js'

/** One who comes and goes: a user or a viewer, with one connection after another, in one topic at a time. */
export class Goer {
  /** Breaches of exactness on connections that are over. */
  readonly faults: string[] = []
  #client: WireClient | undefined
  #topic: string | undefined
  #opening: Promise<void> | undefined

  constructor(
    /** The user's id, or null: a viewer. */
    readonly user: string | null,
    /** What a viewer's browser keeps. */
    readonly browser: string,
  ) {}

  /** The connection on which it is told the counts of `topic`, or undefined. */
  get inside(): { readonly client: WireClient; readonly topic: string } | undefined {
    if (this.#client === undefined || this.#client.end !== undefined || this.#topic === undefined) return undefined
    return { client: this.#client, topic: this.#topic }
  }

  /** Does something at random: whatever is asked of a server that does not answer is waited for by nobody. */
  act(dice: Random, urls: readonly string[], topics: readonly string[]): void {
    if (this.#opening !== undefined) return
    if (this.#client?.end !== undefined) this.#part('close')
    if (this.#client === undefined) this.#opening = this.#open(dice.of(urls), dice.of(topics))
    else if (this.#topic === undefined) this.#join(dice.of(topics))
    else if (dice.chance(0.5)) this.#part(dice.of(['close', 'drop', 'reset'] as const))
    else this.#move(dice, this.#client, this.#topic, topics)
  }

  beat(): void {
    if (this.inside !== undefined) this.#client!.push('phoenix', 'heartbeat', {}, null)
  }

  /** Resolves when a server has handled all that was sent, or the connection has ended. */
  async settle(): Promise<void> {
    await this.#opening
    const client = this.#client
    if (client !== undefined && client.end === undefined) await Promise.race([client.heartbeat(), client.closed])
  }

  end(): void {
    this.#part('drop')
  }

  async #open(url: string, topic: string): Promise<void> {
    const who = this.user === null ? { clientId: this.browser } : { token: tokenOf(this.user) }
    try {
      this.#client = await WireClient.open(url, { ...who, keep: false })
      this.#join(topic)
    } catch {
      // The replica was killed, or is not up again: it is tried at another one.
    } finally {
      this.#opening = undefined
    }
  }

  #join(topic: string): void {
    this.#client!.sendJoin(topic)
    this.#topic = topic
  }

  #move(dice: Random, client: WireClient, topic: string, topics: readonly string[]): void {
    const act = dice.of(['leave', 'elsewhere', 'again', 'leave and again'] as const)
    if (act !== 'again') client.push(topic, 'phx_leave')
    this.#topic = undefined
    if (act !== 'leave') this.#join(act === 'elsewhere' ? dice.of(topics) : topic)
  }

  #part(how: 'close' | 'drop' | 'reset'): void {
    const client = this.#client
    this.#client = undefined
    this.#topic = undefined
    if (client === undefined) return
    this.faults.push(...client.faults)
    if (how === 'close') void client.close()
    else if (how === 'reset') client.stream.resetAndDestroy()
    else client.drop()
  }
}

import type { Clock, Topic } from '@headcount/core'
import type { Keys } from './keys.js'
import type { Link, RedisClientLike } from './link.js'
import { within } from './within.js'

export interface SubscriptionsOptions {
  readonly link: Link
  readonly keys: Keys
  readonly sharded: boolean
  readonly clock: Clock
  readonly random: () => number
  /** A message of a topic. */
  readonly heard: (topic: Topic, message: string) => void
  /** These topics are subscribed from now on, (again) and for the first time: what was said before was not heard. */
  readonly subscribed: (topics: readonly Topic[]) => void
  readonly trouble: (reason: string) => void
}

/** One connection to one node, with the topics that are heard there. */
interface Connection {
  readonly slots: Set<number>
  client: RedisClientLike | undefined
  ready: boolean
  dropped: boolean
}

/** How many channels one command subscribes. */
const batch = 500
const shortestWait = 20
const longestWait = 500

/**
 * Keeps topics subscribed, whatever happens to connections and nodes: one connection a node. One that ends, falls
 * silent, or loses a channel to another node is dropped, and all of its topics are subscribed anew where they are now.
 */
export class Subscriptions {
  readonly #o: SubscriptionsOptions
  /** Slot -> the topics that are to be heard. */
  readonly #wanted = new Map<number, Set<Topic>>()
  readonly #connections = new Map<string, Connection>()
  /** Topics that were added since the last turn. */
  #fresh = new Set<Topic>()
  readonly #listener = (message: string, channel: string) => this.#o.heard(this.#o.keys.topicOf(channel), message)
  #failures = 0
  #closed = false

  constructor(options: SubscriptionsOptions) {
    this.#o = options
  }

  /** `subscribed` is called once the topic is heard. */
  add(topic: Topic): void {
    const slot = this.#o.keys.slotOf(topic)
    const topics = this.#wanted.get(slot)
    if (topics === undefined) this.#wanted.set(slot, new Set([topic]))
    else topics.add(topic)
    if (this.#fresh.size === 0) queueMicrotask(() => this.#flush())
    this.#fresh.add(topic)
  }

  remove(topic: Topic): void {
    const slot = this.#o.keys.slotOf(topic)
    const topics = this.#wanted.get(slot)
    if (!topics?.delete(topic)) return
    if (topics.size === 0) this.#wanted.delete(slot)
    if (this.#fresh.delete(topic)) return
    const connection = this.#at(slot)
    if (connection?.ready !== true) return
    const channels = [this.#o.keys.channel(slot, topic)]
    const { client } = connection
    // Named, so that the client knows at once that it is leaving the channel: it may be asked for again before the answer.
    const listener = this.#listener
    const undone = this.#o.sharded ? client!.sUnsubscribe(channels, listener) : client!.unsubscribe(channels, listener)
    undone.catch(() => this.#drop(connection, 'a channel could not be left'))
  }

  /** Drops every connection. */
  close(): void {
    this.#closed = true
    for (const connection of this.#connections.values()) this.#drop(connection)
  }

  #flush(): void {
    const fresh = this.#fresh
    this.#fresh = new Set()
    const bySlot = new Map<number, Topic[]>()
    for (const topic of fresh) {
      const slot = this.#o.keys.slotOf(topic)
      const topics = bySlot.get(slot)
      if (topics === undefined) bySlot.set(slot, [topic])
      else topics.push(topic)
    }
    for (const [slot, topics] of bySlot) {
      const connection = this.#place(slot)
      // One that is still connecting subscribes all that is wanted when it is ready.
      if (connection?.ready === true) void this.#subscribe(connection, slot, topics)
    }
  }

  #at(slot: number): Connection | undefined {
    for (const connection of this.#connections.values()) if (connection.slots.has(slot)) return connection
    return undefined
  }

  /** The connection that hears a slot, made if need be. */
  #place(slot: number): Connection | undefined {
    if (this.#closed) return undefined
    const placed = this.#at(slot)
    if (placed !== undefined) return placed
    const key = this.#o.keys.leases(slot)
    const node = this.#o.link.node(key)
    let connection = this.#connections.get(node)
    if (connection === undefined) {
      connection = { slots: new Set(), client: undefined, ready: false, dropped: false }
      this.#connections.set(node, connection)
      void this.#connect(connection, key)
    } else if (connection.ready) {
      void this.#subscribe(connection, slot, [...(this.#wanted.get(slot) ?? [])])
    }
    connection.slots.add(slot)
    return connection
  }

  async #connect(connection: Connection, key: string): Promise<void> {
    try {
      const client = await this.#o.link.subscriber(key)
      connection.client = client
      const drop = (reason: string) => () => this.#drop(connection, reason)
      client.on('error', (error: Error) => this.#drop(connection, error.message || error.name))
      client.on('end', drop('the connection has ended'))
      client.on('sharded-channel-moved', drop('a slot has moved to another node'))
      if (connection.dropped) return
      await client.connect()
      if (connection.dropped) return client.destroy()
      connection.ready = true
      for (const slot of connection.slots) {
        await this.#subscribe(connection, slot, [...(this.#wanted.get(slot) ?? [])])
      }
      if (!connection.dropped) this.#failures = 0
    } catch (error) {
      this.#drop(connection, error instanceof Error ? error.message : String(error))
    }
  }

  async #subscribe(connection: Connection, slot: number, topics: readonly Topic[]): Promise<void> {
    const { keys, sharded, subscribed } = this.#o
    const listener = this.#listener
    try {
      for (let i = 0; i < topics.length && !connection.dropped; i += batch) {
        const part = topics.slice(i, i + batch)
        const channels = part.map((topic) => keys.channel(slot, topic))
        const client = connection.client!
        await (sharded ? client.sSubscribe(channels, listener) : client.subscribe(channels, listener))
        if (!connection.dropped) subscribed(part)
      }
    } catch (error) {
      this.#drop(connection, error instanceof Error ? error.message : String(error))
    }
  }

  #drop(connection: Connection, reason?: string): void {
    if (connection.dropped) return
    connection.dropped = true
    connection.ready = false
    for (const [node, other] of this.#connections) if (other === connection) this.#connections.delete(node)
    try {
      connection.client?.destroy()
    } catch {
      // It was never open.
    }
    if (this.#closed) return
    if (reason !== undefined) this.#o.trouble(reason)
    const wait = Math.min(shortestWait * 2 ** this.#failures++, longestWait) * (0.5 + this.#o.random() / 2)
    this.#o.clock.after(wait, () => void this.#again(connection.slots))
  }

  /** Subscribes slots where they are now: a command to each tells the link where that is. */
  async #again(slots: ReadonlySet<number>): Promise<void> {
    const { link, keys, clock } = this.#o
    const asked = [...slots].map((slot) => {
      const key = keys.leases(slot)
      return within(clock, longestWait, link.send(key, ['EXISTS', key])).catch(() => {})
    })
    await Promise.all(asked)
    for (const slot of slots) if (this.#wanted.has(slot)) this.#place(slot)
  }
}

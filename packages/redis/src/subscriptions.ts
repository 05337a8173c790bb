import type { Clock, Topic } from '@headcount/core'
import type { RedisClientLike, RedisCommands } from './commands.js'
import { messageOf } from './errors.js'
import type { Keys } from './keys.js'
import { withTimeout } from './with-timeout.js'

export interface SubscriptionsOptions {
  readonly commands: RedisCommands
  readonly keys: Keys
  readonly sharded: boolean
  readonly clock: Clock
  readonly random: () => number
  received(topic: Topic, message: string): void
  /** Topics are subscribed, for the first time or again. Earlier messages may have been missed. */
  subscribed(topics: readonly Topic[]): void
  failed(reason: string): void
}

/** A connection to one node. */
interface Connection {
  readonly node: string
  client?: RedisClientLike
  ready: boolean
  closed: boolean
}

interface SubscribedSlot {
  readonly topics: Set<Topic>
  /** Topics that are not subscribed yet. */
  pending: Set<Topic>
  connection?: Connection | undefined
}

/** How many channels one command subscribes. */
const channelsPerCommand = 500
/** Delays before subscribing again, in ms. */
const minDelay = 20
const maxDelay = 500

/**
 * Keeps topics subscribed, with one connection per node. A connection that ends, falls silent or loses a channel to
 * another node is closed, and its topics are subscribed again on the nodes that have them by then.
 */
export class Subscriptions {
  readonly #o: SubscriptionsOptions
  readonly #slots = new Map<number, SubscribedSlot>()
  readonly #connections = new Map<string, Connection>()
  readonly #listener = (message: string, channel: string) => this.#o.received(this.#o.keys.topicOf(channel), message)
  #scheduled = false
  #failures = 0
  #closed = false

  constructor(options: SubscriptionsOptions) {
    this.#o = options
  }

  add(topic: Topic): void {
    const index = this.#o.keys.slotOf(topic)
    const slot = this.#slots.get(index) ?? { topics: new Set(), pending: new Set() }
    this.#slots.set(index, slot)
    slot.topics.add(topic)
    slot.pending.add(topic)
    // Topics that are added in one turn of the event loop share a command.
    if (!this.#scheduled) queueMicrotask(() => this.#subscribeAll())
    this.#scheduled = true
  }

  remove(topic: Topic): void {
    const index = this.#o.keys.slotOf(topic)
    const slot = this.#slots.get(index)
    if (!slot?.topics.delete(topic) || slot.pending.delete(topic)) return
    const { connection } = slot
    if (connection?.ready !== true) return
    const channels = [this.#o.keys.slot(index).channel(topic)]
    // The listener is named so that node-redis forgets the channel now: it may be subscribed again before the answer.
    const unsubscribe = this.#o.sharded ? 'sUnsubscribe' : 'unsubscribe'
    connection.client![unsubscribe](channels, this.#listener).catch((error) => this.#fail(connection, messageOf(error)))
  }

  close(): void {
    this.#closed = true
    for (const connection of this.#connections.values()) this.#close(connection)
  }

  /** Subscribes what is pending, and connects where that is necessary. */
  #subscribeAll(): void {
    this.#scheduled = false
    if (this.#closed) return
    for (const [index, slot] of this.#slots) {
      if (slot.topics.size === 0) this.#slots.delete(index)
      else if (slot.pending.size > 0) {
        slot.connection ??= this.#connectionFor(index)
        if (slot.connection.ready) void this.#subscribe(index, slot, slot.connection)
      }
    }
  }

  #connectionFor(index: number): Connection {
    const key = this.#o.keys.slot(index).leases
    const node = this.#o.commands.nodeOf(key)
    let connection = this.#connections.get(node)
    if (connection === undefined) {
      connection = { node, ready: false, closed: false }
      this.#connections.set(node, connection)
      void this.#connect(connection, key)
    }
    return connection
  }

  async #connect(connection: Connection, key: string): Promise<void> {
    try {
      const client = await this.#o.commands.subscriber(key)
      client.on('error', (error: unknown) => this.#fail(connection, messageOf(error)))
      client.on('end', () => this.#fail(connection, 'the connection ended'))
      client.on('sharded-channel-moved', () => this.#fail(connection, 'a slot moved to another node'))
      connection.client = client
      if (connection.closed) return
      await client.connect()
      if (connection.closed) return client.destroy()
      connection.ready = true
      this.#subscribeAll()
    } catch (error) {
      this.#fail(connection, messageOf(error))
    }
  }

  async #subscribe(index: number, slot: SubscribedSlot, connection: Connection): Promise<void> {
    const topics = [...slot.pending]
    slot.pending.clear()
    try {
      for (let i = 0; i < topics.length && !connection.closed; i += channelsPerCommand) {
        const part = topics.slice(i, i + channelsPerCommand)
        const channels = part.map((topic) => this.#o.keys.slot(index).channel(topic))
        await connection.client![this.#o.sharded ? 'sSubscribe' : 'subscribe'](channels, this.#listener)
        if (!connection.closed) this.#o.subscribed(part)
      }
      this.#failures = 0
    } catch (error) {
      this.#fail(connection, messageOf(error))
    }
  }

  #fail(connection: Connection, reason: string): void {
    if (connection.closed) return
    this.#close(connection)
    this.#o.failed(reason)
    const delay = Math.min(minDelay * 2 ** this.#failures++, maxDelay) * (0.5 + this.#o.random() / 2)
    this.#o.clock.after(delay, async () => {
      const lost = [...this.#slots].filter(([, slot]) => slot.connection === connection)
      await Promise.all(lost.map(([index]) => this.#locate(index)))
      for (const [, slot] of lost) {
        slot.connection = undefined
        slot.pending = new Set(slot.topics)
      }
      this.#subscribeAll()
    })
  }

  #close(connection: Connection): void {
    connection.closed = true
    connection.ready = false
    this.#connections.delete(connection.node)
    try {
      connection.client?.destroy()
    } catch {
      // It was never open.
    }
  }

  /** In a Redis Cluster, the answer to a command shows which node has a slot now. */
  #locate(index: number): Promise<unknown> {
    const { commands, clock, keys } = this.#o
    const key = keys.slot(index).leases
    return withTimeout(clock, maxDelay, commands.send(key, ['EXISTS', key])).catch(() => {})
  }
}

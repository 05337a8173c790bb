import { type Clock, errorText, type ReplicaId, type Topic } from '@headcount/core'
import type { RedisClientLike, RedisCommands } from './commands.js'
import { homeSlot, type Keys } from './keys.js'
import { withTimeout } from './with-timeout.js'

export interface SubscriptionsOptions {
  readonly commands: RedisCommands
  readonly keys: Keys
  readonly pubsub: { readonly sharded: boolean }
  readonly clock: Clock
  readonly random: () => number
  received(topic: Topic, message: string): void
  /** A text arrived on the presence channel of this replica. */
  receivedText(text: string): void
  /** Topics were subscribed, for the first time or again. Earlier messages may have been missed. */
  subscribed(topics: readonly Topic[]): void
  /** A connection was closed. Its channels are subscribed again. */
  failed(error: unknown): void
}

interface Connection {
  readonly node: string
  client?: RedisClientLike
  ready: boolean
  closed: boolean
}

interface SubscribedSlot {
  readonly channels: Set<string>
  /** Channels that are not subscribed yet. */
  pending: Set<string>
  connection?: Connection | undefined
}

const channelsPerCommand = 500
/** Delays before subscribing again, in ms. */
const minDelay = 20
const maxDelay = 500

/**
 * Keeps channels subscribed, with one connection per node. A connection that ends, becomes silent or loses a channel to
 * another node is closed, and its channels are subscribed again on the nodes that have them then.
 */
export class Subscriptions {
  readonly #slots = new Map<number, SubscribedSlot>()
  readonly #connections = new Map<string, Connection>()
  readonly #listener = (message: string, channel: string) => {
    const topic = this.options.keys.topicOf(channel)
    if (topic !== undefined) this.options.received(topic, message)
    else if (channel === this.#presence?.channel) this.options.receivedText(message)
  }
  /** Settles with the first attempt to subscribe the presence channel. */
  #presence: { readonly channel: string; settle(error?: unknown): void } | undefined
  #holdsPresence = false
  #scheduled = false
  #failures = 0
  #closed = false

  constructor(private readonly options: SubscriptionsOptions) {}

  add(topic: Topic): void {
    const index = this.options.keys.slotOf(topic)
    this.#add(index, this.options.keys.slot(index).channel(topic))
  }

  /**
   * Subscribes this replica's presence channel, which shows others that it is alive.
   * @throws the error of the first attempt. Attempts continue.
   */
  addPresence(replica: ReplicaId): Promise<void> {
    const channel = `${this.options.keys.slot(homeSlot).presence}${replica}`
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown) => (error === undefined ? resolve() : reject(error))
      this.#presence = { channel, settle }
      this.#add(homeSlot, channel)
    })
  }

  /** Whether each slot has a connection. */
  get isComplete(): boolean {
    return [...this.#slots.values()].every(({ connection }) => connection?.ready === true)
  }

  /** Whether the presence channel is subscribed now. */
  get holdsPresence(): boolean {
    return this.#holdsPresence
  }

  /** Replaces all connections: they lead to another server than commands, or use the wrong kind of pub/sub. */
  reconnect(reason: string): void {
    for (const connection of [...this.#connections.values()]) this.#fail(connection, new Error(reason))
  }

  remove(topic: Topic): void {
    const index = this.options.keys.slotOf(topic)
    const channel = this.options.keys.slot(index).channel(topic)
    const slot = this.#slots.get(index)
    if (!slot?.channels.delete(channel) || slot.pending.delete(channel)) return
    const { connection } = slot
    if (connection?.ready !== true) return
    // Passing the listener makes node-redis drop the channel now: it may be subscribed again before the answer.
    const unsubscribe = this.options.pubsub.sharded ? 'sUnsubscribe' : 'unsubscribe'
    connection.client![unsubscribe]([channel], this.#listener).catch((error) => this.#fail(connection, error))
  }

  close(): void {
    this.#closed = true
    for (const connection of this.#connections.values()) this.#close(connection)
  }

  #add(index: number, channel: string): void {
    const slot = this.#slots.get(index) ?? { channels: new Set(), pending: new Set() }
    this.#slots.set(index, slot)
    slot.channels.add(channel)
    slot.pending.add(channel)
    // Channels that are added in one turn of the event loop share a command.
    if (!this.#scheduled) queueMicrotask(() => this.#subscribeAll())
    this.#scheduled = true
  }

  /** Subscribes pending channels, and connects if necessary. */
  #subscribeAll(): void {
    this.#scheduled = false
    if (this.#closed) return
    for (const [index, slot] of this.#slots) {
      if (slot.channels.size === 0) this.#slots.delete(index)
      else if (slot.pending.size > 0) {
        slot.connection ??= this.#connectionFor(index)
        if (slot.connection.ready) void this.#subscribe(slot, slot.connection)
      }
    }
  }

  #connectionFor(index: number): Connection {
    const key = this.options.keys.slot(index).leases
    const node = this.options.commands.nodeOf(key)
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
      const client = await this.options.commands.subscriber(key)
      const fail = (reason: string) => () => this.#fail(connection, new Error(reason))
      client.on('error', (error: unknown) => {
        // The answer to a ping while the disk of Redis is full: the connection works.
        if (!errorText(error).startsWith('MISCONF')) this.#fail(connection, error)
      })
      client.on('end', fail('the connection ended'))
      client.on('sharded-channel-moved', fail('a slot moved to another node'))
      connection.client = client
      if (connection.closed) return
      await client.connect()
      if (connection.closed) return client.destroy()
      connection.ready = true
      this.#subscribeAll()
    } catch (error) {
      this.#fail(connection, error)
    }
  }

  async #subscribe(slot: SubscribedSlot, connection: Connection): Promise<void> {
    const channels = [...slot.pending]
    slot.pending.clear()
    const { pubsub, keys, subscribed } = this.options
    try {
      for (let i = 0; i < channels.length && !connection.closed; i += channelsPerCommand) {
        const part = channels.slice(i, i + channelsPerCommand)
        await connection.client![pubsub.sharded ? 'sSubscribe' : 'subscribe'](part, this.#listener)
        if (connection.closed) return
        if (part.includes(this.#presence?.channel ?? '')) {
          this.#holdsPresence = true
          this.#presence?.settle()
        }
        subscribed(part.flatMap((channel) => keys.topicOf(channel) ?? []))
      }
      this.#failures = 0
    } catch (error) {
      this.#fail(connection, error)
    }
  }

  #fail(connection: Connection, error: unknown): void {
    if (connection.closed) return
    this.#close(connection)
    if (this.#slots.get(homeSlot)?.connection === connection) this.#holdsPresence = false
    this.#presence?.settle(error)
    this.options.failed(error)
    const delay = Math.min(minDelay * 2 ** this.#failures++, maxDelay) * (0.5 + this.options.random() / 2)
    this.options.clock.after(delay, async () => {
      const lost = [...this.#slots].filter(([, slot]) => slot.connection === connection)
      await Promise.all(lost.map(([index]) => this.#locate(index)))
      for (const [, slot] of lost) {
        slot.connection = undefined
        slot.pending = new Set(slot.channels)
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
      // The connection was never open.
    }
  }

  /** In a Redis Cluster, the answer to a command shows which node has a slot now. */
  #locate(index: number): Promise<unknown> {
    const { commands, clock, keys } = this.options
    const key = keys.slot(index).leases
    return withTimeout(clock, maxDelay, commands.send(key, ['EXISTS', key])).catch(() => {})
  }
}

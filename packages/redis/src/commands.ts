import { errorText } from '@headcount/core'

// biome-ignore lint/suspicious/noExplicitAny: the arguments depend on the event
type Listen = (event: string, listener: (...args: any[]) => void) => unknown
type Subscribe = (channels: string[], listener: (message: string, channel: string) => void) => Promise<unknown>

/** The part of a node-redis client that the engine uses. */
export interface RedisClientLike {
  readonly isReady: boolean
  readonly options?: { readonly database?: number | undefined; readonly socket?: object | undefined } | undefined
  sendCommand(args: readonly string[]): Promise<unknown>
  duplicate(overrides?: object): RedisClientLike
  connect(): Promise<unknown>
  destroy(): void
  on: Listen
  off: Listen
  subscribe: Subscribe
  unsubscribe: Subscribe
  sSubscribe: Subscribe
  sUnsubscribe: Subscribe
}

/** The part of a node-redis cluster that the engine uses. */
export interface RedisClusterLike {
  readonly isReady: boolean
  readonly slots: readonly { readonly master: { readonly address: string } }[]
  sendCommand(firstKey: string, isReadonly: boolean, args: string[]): Promise<unknown>
  // biome-ignore lint/suspicious/noExplicitAny: node-redis does not export the type of its nodes
  nodeClient(node: any): Promise<RedisClientLike>
  connect(): Promise<unknown>
  destroy(): void
  on: Listen
  off: Listen
  /** Reads again which nodes there are, from those of the options if need be. node-redis does not document it. */
  readonly _slots?: { rediscover(): Promise<void> }
}

/** Sends commands to one Redis, or to the node of a Redis Cluster that has the key. */
export interface RedisCommands {
  /** Why there is no connection; undefined if there is one. */
  problem(): string | undefined
  /** Rejects at once while there is no connection: nothing is queued. */
  send(key: string, args: readonly string[]): Promise<unknown>
  /** Returns the address of the node that has a key. */
  nodeOf(key: string): string
  /** Makes a new connection, for subscriptions, to the node that has a key. It does not reconnect. */
  subscriber(key: string): Promise<RedisClientLike>
  /** Calls `callback` whenever a connection becomes ready. Returns the undo. */
  onReady(callback: () => void): () => void
  /** Closes the connections, unless they belong to the caller of `redisEngine`. */
  close(): void
}

export function clientCommands(client: RedisClientLike, owned: boolean, lease: number): RedisCommands {
  return {
    ...connectionState(client, owned, 'ready'),
    send: (_key, args) => (client.isReady ? client.sendCommand(args) : noConnection()),
    nodeOf: () => 'redis',
    subscriber: async () => client.duplicate(subscriberOptions(client, lease)),
  }
}

export function clusterCommands(cluster: RedisClusterLike, owned: boolean, lease: number): RedisCommands {
  const master = (key: string) => cluster.slots[hashSlot(key)]?.master
  return {
    ...connectionState(cluster, owned, 'node-ready'),
    send(key, args) {
      if (!cluster.isReady) return noConnection()
      if (master(key) !== undefined) return cluster.sendCommand(key, false, [...args])
      // A node that has just started names no slots, or some: node-redis takes them for all, and does not ask again.
      cluster._slots?.rediscover().catch(() => {})
      return noConnection()
    },
    nodeOf: (key) => master(key)?.address ?? 'unknown',
    subscriber: async (key) => {
      const node = master(key)
      if (node === undefined) throw new Error('no node serves the slot')
      const client = await cluster.nodeClient(node)
      return client.duplicate(subscriberOptions(client, lease))
    },
  }
}

function connectionState(client: RedisClientLike | RedisClusterLike, owned: boolean, readyEvent: string) {
  const listen = (event: string, callback: (error?: unknown) => void) => {
    client.on(event, callback)
    return () => void client.off(event, callback)
  }
  let lastError = ''
  const onError = (error: unknown) => {
    lastError = `: ${errorText(error)}`
  }
  // Without a listener, the event would end the process.
  const stopListening = [listen('error', onError), listen('node-error', onError)]
  return {
    problem: () => (client.isReady ? undefined : `no connection to Redis${lastError}`),
    onReady: (callback: () => void) => listen(readyEvent, callback),
    close() {
      if (owned) client.destroy()
      else for (const stop of stopListening) stop()
    },
  }
}

function noConnection(): Promise<never> {
  return Promise.reject(new Error('no connection'))
}

function subscriberOptions(client: RedisClientLike, lease: number): object {
  return {
    disableOfflineQueue: true,
    pingInterval: Math.ceil(lease / 4),
    socket: { ...client.options?.socket, ...socketTimeouts(lease), reconnectStrategy: false },
  }
}

/** Pings are sent every quarter of a lease, so a socket that is silent for half a lease is dead. */
export function socketTimeouts(lease: number) {
  return { connectTimeout: Math.max(1_000, Math.ceil(lease / 4)), socketTimeout: Math.ceil(lease / 2) }
}

/** The Redis Cluster hash slot of a key with a hash tag: CRC16 (XMODEM) of the text in its first braces. */
export function hashSlot(key: string): number {
  const tag = /\{([^}]+)\}/.exec(key)?.[1] ?? key
  let crc = 0
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  }
  return crc % 16384
}

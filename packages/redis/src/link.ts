/** What of a node-redis client is used here. */
export interface RedisClientLike {
  readonly isReady: boolean
  sendCommand(args: readonly string[]): Promise<unknown>
  duplicate(overrides?: object): RedisClientLike
  connect(): Promise<unknown>
  close(): unknown
  destroy(): void
  // biome-ignore lint/suspicious/noExplicitAny: the listeners of an EventEmitter
  on(event: string, listener: (...args: any[]) => void): unknown
  // biome-ignore lint/suspicious/noExplicitAny: the listeners of an EventEmitter
  off(event: string, listener: (...args: any[]) => void): unknown
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<unknown>
  unsubscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<unknown>
  sSubscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<unknown>
  sUnsubscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<unknown>
  readonly options?: { readonly database?: number | undefined; readonly socket?: object | undefined } | undefined
}

/** What of a node-redis cluster is used here. */
export interface RedisClusterLike {
  readonly isReady: boolean
  readonly slots: readonly { readonly master: RedisNodeLike }[]
  sendCommand(firstKey: string, isReadonly: boolean, args: string[]): Promise<unknown>
  // biome-ignore lint/suspicious/noExplicitAny: the node types of node-redis are private
  nodeClient(node: any): Promise<RedisClientLike>
  connect(): Promise<unknown>
  close(): unknown
  destroy(): void
  // biome-ignore lint/suspicious/noExplicitAny: the listeners of an EventEmitter
  on(event: string, listener: (...args: any[]) => void): unknown
  // biome-ignore lint/suspicious/noExplicitAny: the listeners of an EventEmitter
  off(event: string, listener: (...args: any[]) => void): unknown
}

export interface RedisNodeLike {
  readonly address: string
}

/** The way to one Redis, or to a Redis Cluster. */
export interface Link {
  /** Whether a command may be sent now. */
  readonly ready: boolean
  /** Sends a command to where a key is. Rejects at once where the link is not ready: nothing is kept for later. */
  send(key: string, args: readonly string[]): Promise<unknown>
  /** Names the node where a key is. */
  node(key: string): string
  /** A new connection to the node where a key is, for subscribing; it does not come back by itself. */
  subscriber(key: string): Promise<RedisClientLike>
  /** Calls `act` whenever a connection has come (back). Returns the undo. */
  onReady(act: () => void): () => void
  close(): Promise<void>
}

export function singleLink(client: RedisClientLike, owned: boolean, lease: number): Link {
  return {
    get ready() {
      return client.isReady
    },
    send: (_key, args) => (client.isReady ? client.sendCommand(args) : Promise.reject(new Error('no connection'))),
    node: () => 'redis',
    subscriber: async () => client.duplicate(disposable(client, lease)),
    onReady: (act) => on(client, 'ready', act),
    close: async () => {
      if (owned) client.destroy()
    },
  }
}

export function clusterLink(cluster: RedisClusterLike, owned: boolean, lease: number): Link {
  const master = (key: string) => cluster.slots[hashSlot(key)]?.master
  return {
    get ready() {
      return cluster.isReady
    },
    send: (key, args) =>
      cluster.isReady ? cluster.sendCommand(key, false, [...args]) : Promise.reject(new Error('no connection')),
    node: (key) => master(key)?.address ?? 'unknown',
    subscriber: async (key) => {
      const node = master(key)
      if (node === undefined) throw new Error('no node serves the slot')
      const client = await cluster.nodeClient(node)
      return client.duplicate(disposable(client, lease))
    },
    onReady: (act) => on(cluster, 'node-ready', act),
    close: async () => {
      if (owned) cluster.destroy()
    },
  }
}

/** A connection that is dropped the moment it ends or falls silent: whoever holds it makes another. */
function disposable(client: RedisClientLike, lease: number): object {
  return {
    disableOfflineQueue: true,
    pingInterval: Math.ceil(lease / 4),
    socket: {
      ...client.options?.socket,
      connectTimeout: Math.max(1_000, Math.ceil(lease / 4)),
      socketTimeout: Math.ceil(lease / 2),
      reconnectStrategy: false,
    },
  }
}

function on(emitter: RedisClientLike | RedisClusterLike, event: string, act: () => void): () => void {
  emitter.on(event, act)
  return () => void emitter.off(event, act)
}

/** The hash slot of a key with a hash tag: CRC16 (XMODEM) of what stands in its first braces. */
export function hashSlot(key: string): number {
  const tag = /\{([^}]+)\}/.exec(key)?.[1] ?? key
  let crc = 0
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  }
  return crc % 16384
}

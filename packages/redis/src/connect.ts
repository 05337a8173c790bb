import { errorText } from '@headcount/core'
import { createClient, createCluster } from '@redis/client'
import type { RedisClientLike, RedisClusterLike, RedisCommands } from './commands.js'
import { clientCommands, clusterCommands, socketTimeouts } from './commands.js'
import { RedisEngineError } from './errors.js'
import { log } from './log-events.js'
import type { ResolvedOptions } from './options.js'
import { withTimeout } from './with-timeout.js'

/** How long, in ms, the first connection may take. */
const connectTimeout = 5_000
/** Delay, in ms, before a missing connection is logged. */
const warnAfter = 2_000

export interface Connection {
  readonly commands: RedisCommands
  readonly cluster: boolean
  /** The server knows sharded pub/sub: Redis 7 and later, Valkey. */
  readonly supportsSharded: boolean
  readonly database: number
}

/**
 * Connects, or uses the client of the options.
 * @throws {RedisEngineError} `unreachable` if no Redis answers within five seconds.
 */
export async function connect(options: ResolvedOptions, lease: number): Promise<Connection> {
  const { client, urls } = options
  if (client !== undefined) {
    return 'nodeClient' in client ? clusterConnection(client, false, lease) : clientConnection(client, false, lease)
  }
  if (urls.length === 1) {
    const single = await openClient(options, lease)
    const info = await serverInfo(single)
    if (!/redis_mode:sentinel|cluster_enabled:1/.test(info)) return clientConnection(single, true, lease)
    single.destroy()
    if (info.includes('redis_mode:sentinel')) {
      const got = 'a Redis Sentinel: use an address that leads to its master'
      throw new RedisEngineError('unreachable', `expected a Redis, got ${got}`)
    }
  }
  return clusterConnection(await openCluster(options, lease), true, lease)
}

async function clientConnection(client: RedisClientLike, owned: boolean, lease: number): Promise<Connection> {
  const commands = clientCommands(client, owned, lease)
  const supportsSharded = (majorVersion(await serverInfo(client)) ?? 0) >= 7 && (await hasSharded(client))
  return { commands, cluster: false, supportsSharded, database: client.options?.database ?? 0 }
}

async function clusterConnection(cluster: RedisClusterLike, owned: boolean, lease: number): Promise<Connection> {
  const commands = clusterCommands(cluster, owned, lease)
  const shard = cluster.slots.find((one) => one !== undefined)
  const version = shard && majorVersion(await serverInfo(await cluster.nodeClient(shard.master)))
  if (shard && (version === undefined || version >= 7))
    return { commands, cluster: true, supportsSharded: true, database: 0 }
  commands.close()
  // Without sharded pub/sub every message would be sent to every node.
  const expected = shard ? 'of version 7 or later' : 'that serves slots'
  const got = version ?? 'one that has not been created (redis-cli --cluster create)'
  throw new RedisEngineError('unreachable', `expected a Redis Cluster ${expected}, got ${got}`)
}

/** False if the server says that it has no sharded pub/sub, as one that only claims a version of Redis. */
async function hasSharded(client: RedisClientLike): Promise<boolean> {
  const known = await client.sendCommand(['COMMAND', 'INFO', 'SPUBLISH', 'SSUBSCRIBE']).catch(() => [])
  return !(known as unknown[]).includes(null)
}

/** Empty if the user has no permission. */
async function serverInfo(client: RedisClientLike): Promise<string> {
  return String(await client.sendCommand(['INFO']).catch(() => ''))
}

function majorVersion(info: string): number | undefined {
  const version = /redis_version:(\d+)/.exec(info)?.[1]
  return version === undefined ? undefined : Number(version)
}

async function openClient(options: ResolvedOptions, lease: number): Promise<RedisClientLike> {
  const { socket, ...settings } = clientSettings(options, lease)
  const url = options.urls[0]!
  const client = createClient(
    url.hostname.startsWith('[')
      ? {
          ...settings,
          ...credentialsOf(url),
          database: Number(url.pathname.slice(1)),
          socket: { ...socket, ...addressOf(url) },
        }
      : { ...settings, url: url.href, socket },
  )
  return open(options, client as unknown as RedisClientLike)
}

/** node-redis looks up the host of a URL with its brackets, and so finds no IPv6 address in one. */
function addressOf({ protocol, hostname, port }: URL) {
  return {
    host: hostname.slice(1, -1),
    port: Number(port || 6379),
    ...(protocol === 'rediss:' && { tls: true as const }),
  }
}

function credentialsOf({ username, password }: URL) {
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  }
}

async function openCluster(options: ResolvedOptions, lease: number): Promise<RedisClusterLike> {
  const first = options.urls[0]!
  const { socket, ...settings } = clientSettings(options, lease)
  const cluster = createCluster({
    rootNodes: options.urls.map((url) => ({ url: url.href })),
    // Looks for a promoted replica after one failed reconnection; the default is five seconds.
    topologyRefreshOnReconnectionAttemptStrategy: Math.min(1_000, lease / 10),
    defaults: {
      ...settings,
      ...credentialsOf(first),
      socket: first.protocol === 'rediss:' ? { ...socket, tls: true } : socket,
    },
  })
  return open(options, cluster as unknown as RedisClusterLike)
}

function clientSettings({ random }: ResolvedOptions, lease: number) {
  const quarter = Math.ceil(lease / 4)
  const reconnectStrategy = (retries: number) => Math.min(20 * 2 ** retries, 500) * (0.5 + random() / 2)
  return {
    name: 'headcount',
    // Counts are absolute, so a command that waited for a connection would be useless.
    disableOfflineQueue: true,
    commandOptions: { timeout: quarter },
    pingInterval: quarter,
    socket: { ...socketTimeouts(lease), reconnectStrategy },
  }
}

async function open<T extends RedisClientLike | RedisClusterLike>(options: ResolvedOptions, client: T): Promise<T> {
  let lastError: unknown
  client.on('error', (error: unknown) => {
    lastError = error
  })
  const { clock, logger } = options
  const cancelWarning = clock.after(warnAfter, () => {
    const reason = lastError === undefined ? 'no answer' : errorText(lastError)
    log(logger, 'connect_retrying', { hosts: hostsOf(options, client), reason, seconds: connectTimeout / 1000 })
  })
  try {
    await withTimeout(clock, connectTimeout, client.connect())
    return client
  } catch (cause) {
    const hosts = hostsOf(options, client)
    client.destroy()
    throw new RedisEngineError('unreachable', `cannot connect to Redis at ${hosts}: ${errorText(lastError ?? cause)}`, {
      cause,
    })
  } finally {
    cancelWarning()
  }
}

/** The given addresses, and those that a node of a cluster has named: a container may name one that only it can use. */
function hostsOf({ urls }: ResolvedOptions, client: RedisClientLike | RedisClusterLike): string {
  const hosts = urls.map(({ host }) => host)
  const masters = 'slots' in client ? client.slots.map(({ master }) => master.address) : []
  const named = [...new Set(masters)].filter((address) => !hosts.includes(address))
  return hosts.join(', ') + (named.length > 0 ? `, which names ${named.join(', ')}` : '')
}

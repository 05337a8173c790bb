import { createClient, createCluster } from '@redis/client'
import { RedisEngineError } from './error.js'
import { clusterLink, type Link, type RedisClientLike, type RedisClusterLike, singleLink } from './link.js'
import type { Resolved } from './options.js'

/** How long, in ms, a Redis may take to answer at the start. */
const openingTime = 5_000

/** A link, and what was found at its other end. */
export interface Connected {
  readonly link: Link
  readonly cluster: boolean
  /** Whether the server knows sharded pub/sub: Redis 7 and later, Valkey. */
  readonly sharded: boolean
  readonly database: number
}

/**
 * Connects, or takes the client that was given.
 * @throws {RedisEngineError} `unreachable` where no Redis answers within five seconds.
 */
export async function connect(options: Resolved): Promise<Connected> {
  const { client, urls } = options
  if (client !== undefined)
    return isCluster(client) ? ofCluster(client, options, false) : ofClient(client, options, false)
  if (urls.length > 1) return ofCluster(await openCluster(options), options, true)
  const single = await openClient(options, urls[0]!)
  const info = await infoOf(single)
  if (!/cluster_enabled:1/.test(info)) return ofClient(single, options, true)
  single.destroy()
  return ofCluster(await openCluster(options), options, true)
}

function isCluster(client: RedisClientLike | RedisClusterLike): client is RedisClusterLike {
  return 'nodeClient' in client
}

async function ofClient(client: RedisClientLike, { lease }: Resolved, owned: boolean): Promise<Connected> {
  const version = Number(/redis_version:(\d+)/.exec(await infoOf(client))?.[1] ?? 0)
  const database = client.options?.database ?? 0
  return { link: singleLink(client, owned, lease), cluster: false, sharded: version >= 7, database }
}

async function ofCluster(cluster: RedisClusterLike, { lease }: Resolved, owned: boolean): Promise<Connected> {
  // A Cluster before Redis 7 has only pub/sub that floods every node.
  const version = /redis_version:(\d+)/.exec(await infoOf(await cluster.nodeClient(cluster.slots[0]!.master)))
  if (Number(version?.[1] ?? 7) < 7) {
    throw new RedisEngineError('unreachable', `expected a Redis Cluster of version 7 or later, got ${version?.[1]}`)
  }
  return { link: clusterLink(cluster, owned, lease), cluster: true, sharded: true, database: 0 }
}

/** Empty where the user may not ask. */
async function infoOf(client: RedisClientLike): Promise<string> {
  return String(await client.sendCommand(['INFO']).catch(() => ''))
}

async function openClient(options: Resolved, url: URL): Promise<RedisClientLike> {
  const client = createClient({ url: url.href, ...connection(options), socket: socket(options) })
  await within(options, client as unknown as RedisClientLike, url.host)
  return client as unknown as RedisClientLike
}

async function openCluster(options: Resolved): Promise<RedisClusterLike> {
  const [first] = options.urls as [URL]
  const cluster = createCluster({
    rootNodes: options.urls.map((url) => ({ url: url.href })),
    // A dead node is found out after one try, not five seconds.
    topologyRefreshOnReconnectionAttemptStrategy: Math.min(1000, options.lease / 10),
    defaults: {
      ...connection(options),
      ...(first.username === '' ? {} : { username: decodeURIComponent(first.username) }),
      ...(first.password === '' ? {} : { password: decodeURIComponent(first.password) }),
      socket: first.protocol === 'rediss:' ? { ...socket(options), tls: true } : socket(options),
    },
  })
  await within(options, cluster as unknown as RedisClusterLike, options.urls.map((url) => url.host).join(', '))
  return cluster as unknown as RedisClusterLike
}

/** While there is no connection a command is refused: counts are absolute, so old ones are worth nothing later. */
function connection(options: Resolved) {
  const quarter = Math.ceil(options.lease / 4)
  return {
    disableOfflineQueue: true,
    name: 'headcount',
    pingInterval: quarter,
    commandOptions: { timeout: quarter },
  }
}

function socket(options: Resolved) {
  const { lease, random } = options
  return {
    connectTimeout: Math.max(1_000, Math.ceil(lease / 4)),
    // A ping goes out every quarter of a lease: where nothing moves at all the network is gone, whatever TCP hopes.
    socketTimeout: Math.ceil(lease / 2),
    reconnectStrategy: (retries: number) => Math.min(20 * 2 ** retries, 500) * (0.5 + random() / 2),
  }
}

/** Connects, or gives up. */
async function within(options: Resolved, client: RedisClientLike | RedisClusterLike, host: string): Promise<void> {
  let reason = 'no answer'
  client.on('error', (error: Error) => {
    reason = error.message || error.name
  })
  let undo = () => {}
  const late = new Promise<never>((_, reject) => {
    undo = options.clock.after(openingTime, () => reject(new Error(reason)))
  })
  try {
    await Promise.race([client.connect(), late])
  } catch (cause) {
    client.destroy()
    const got = cause instanceof Error && cause.message !== '' ? cause.message : reason
    throw new RedisEngineError('unreachable', `expected a Redis at ${host}, got: ${got}`, { cause })
  } finally {
    undo()
  }
}

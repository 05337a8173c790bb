import { type Clock, type Logger, silentLogger, systemClock } from '@headcount/core'
import type { RedisClientLike, RedisClusterLike } from './commands.js'
import { RedisEngineError } from './errors.js'

export interface RedisEngineOptions {
  /**
   * A connected client of node-redis (`createClient` or `createCluster`). The engine never closes it, and opens its own
   * connections for subscriptions. Set its `socketTimeout`: without one, a network that drops packets can block it for
   * as long as the kernel retries.
   */
  readonly client?: RedisClientLike | RedisClusterLike | undefined
  /**
   * `redis://user:password@host:6379/0` or `rediss://`, without parameters. Several URLs, or that of a cluster node: a
   * Redis Cluster.
   */
  readonly urls?: readonly string[] | undefined
  /** Prefix of all keys and channels, without a colon. Default: `hc`. */
  readonly prefix?: string | undefined
  readonly clock?: Clock | undefined
  readonly random?: (() => number) | undefined
  readonly logger?: Pick<Logger, 'info' | 'warn'> | undefined
}

type Filled<T> = { readonly [K in keyof T]-?: NonNullable<T[K]> }

export interface ResolvedOptions extends Filled<Omit<RedisEngineOptions, 'client' | 'urls'>> {
  readonly client: RedisClientLike | RedisClusterLike | undefined
  readonly urls: readonly URL[]
}

/** @throws {RedisEngineError} `bad_option` */
export function resolveOptions(from: RedisClientLike | RedisClusterLike | RedisEngineOptions): ResolvedOptions {
  if (typeof from !== 'object' || from === null) throw badOption('a client or options', typeof from)
  const options: RedisEngineOptions = 'sendCommand' in from ? { client: from } : from
  const { client, urls = [], prefix = 'hc' } = options
  if (!Array.isArray(urls)) throw badOption('urls as a list', typeof urls)
  if (client !== undefined && typeof client?.on !== 'function')
    throw badOption('a client of node-redis', kindOf(client))
  if ((client === undefined) === (urls.length === 0)) {
    throw badOption('either a client or urls', client === undefined ? 'neither' : 'both')
  }
  if (!/^[^{}\s]+$/.test(prefix)) throw badOption('a prefix without braces or spaces', JSON.stringify(prefix))
  const { clock = systemClock, random = Math.random, logger = silentLogger } = options
  return { client, urls: urls.map(parseUrl), prefix, clock, random, logger }
}

/** `createClient(…).connect()` is a promise of the client. */
function kindOf(client: unknown): string {
  return client instanceof Promise ? 'a promise of one: await it' : String(typeof client)
}

export function badOption(expected: string, got: string): RedisEngineError {
  return new RedisEngineError('bad_option', `expected ${expected}, got ${got}`)
}

/** The error does not contain the URL, which may have a password. */
function parseUrl(text: string, index: number): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^rediss?:$/.test(url.protocol)) {
    // node-redis would use localhost.
    if (url.hostname === '') throw badOption('a host, as in redis://host:6379', `none (URL ${index + 1})`)
    if (/^\/?\d*$/.test(url.pathname + url.search + url.hash)) return url
    const expected = 'only a database after the host, as in redis://user:password@host:6379/2'
    throw badOption(expected, `more: special characters must be percent-encoded (URL ${index + 1})`)
  }
  const got = url === undefined ? 'an invalid URL' : `the protocol ${url.protocol}`
  throw badOption('a redis:// or rediss:// URL', `${got} (URL ${index + 1})`)
}

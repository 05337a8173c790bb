import { type Clock, type Logger, systemClock } from '@headcount/core'
import { RedisEngineError } from './error.js'
import type { RedisClientLike, RedisClusterLike } from './link.js'

export interface RedisEngineOptions {
  /**
   * A connected client of node-redis (`createClient` or `createCluster`) that stays yours: it is never closed here.
   * Subscriptions have a connection of their own. Set its `socketTimeout`, or a silent network may keep it waiting for
   * as long as the kernel does.
   */
  readonly client?: RedisClientLike | RedisClusterLike
  /** `redis://user:password@host:6379/0` or `rediss://`; several, or one of a Redis Cluster, for a Cluster. */
  readonly urls?: readonly string[]
  /** What every key and channel begins with: `headcount:` unless given. */
  readonly prefix?: string
  /** How long, in ms, a replica counts without a word of it: 10,000 unless given; the same for every replica. */
  readonly lease?: number
  /** How many groups a topic has: 2 unless given. */
  readonly groups?: number
  readonly clock?: Clock
  readonly random?: () => number
  readonly logger?: Pick<Logger, 'info' | 'warn'>
}

/** The options with their defaults. */
export interface Resolved {
  readonly client: RedisClientLike | RedisClusterLike | undefined
  readonly urls: readonly URL[]
  readonly prefix: string
  readonly lease: number
  readonly groups: number
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Pick<Logger, 'info' | 'warn'>
}

/**
 * A client, or options, with the defaults.
 * @throws {RedisEngineError} `bad_option`
 */
export function optionsOf(from: RedisClientLike | RedisClusterLike | RedisEngineOptions): Resolved {
  return resolve('sendCommand' in from ? { client: from } : from)
}

function resolve(options: RedisEngineOptions): Resolved {
  const { client, urls = [], prefix = 'headcount:', lease = 10_000, groups = 2 } = options
  const bad = (expected: string, got: string) => {
    throw new RedisEngineError('bad_option', `expected ${expected}, got ${got}`)
  }
  if ((client === undefined) === (urls.length === 0)) {
    bad('either a client or urls', client === undefined ? 'neither' : 'both')
  }
  if (/[{}\s]/.test(prefix)) bad('a prefix without braces or spaces', JSON.stringify(prefix))
  if (!(Number.isFinite(lease) && lease >= 100)) bad('a lease of 100 ms or more', String(lease))
  if (!(Number.isInteger(groups) && groups > 0)) bad('at least one group', String(groups))
  return {
    client,
    urls: urls.map(parseUrl),
    prefix,
    lease,
    groups,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    logger: options.logger ?? { info() {}, warn() {} },
  }
}

/** A URL may hold a password, so a wrong one is not shown. */
function parseUrl(text: string, index: number): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^rediss?:$/.test(url.protocol)) {
    const got = url === undefined ? 'something that is no URL' : `one of ${url.protocol}`
    throw new RedisEngineError('bad_option', `expected a redis:// or rediss:// URL, got ${got} (URL ${index + 1})`)
  }
  return url
}

import {
  defaultFlush,
  defaultLease,
  defaultShieldTick,
  historyReaders,
  maxSettle,
  type TopicRuleOption,
} from '@headcount/core'
import { defaultAuth, defaultHttpLimits, defaultLimits, isNetwork, isSharedSecret } from '@headcount/server'
import type { WebhookOptions } from '@headcount/webhooks'
import { logLevels } from '../log.js'
import {
  duration,
  httpUrl,
  type Kind,
  listOf,
  oneOf,
  origin,
  redisUrl,
  share,
  text,
  textOrObject,
  textThat,
  wholeNumber,
  workerCount,
} from './kinds.js'

/** An environment variable; `true` stands for HEADCOUNT_ and the key. */
type Env = `HEADCOUNT_${string}` | true

/** One setting, under its key in the config file. */
export interface Definition<T, Default = T | undefined> {
  readonly kind: Kind<T>
  readonly default: Default
  /** If the default is undefined, a text in parentheses describes what happens without a value. */
  readonly help: string
  readonly env?: Env
  /** Stands for the value in the help of the flag. Without it there is no flag. */
  readonly value?: string
  /** The value is never shown, and there is no flag, because process lists show flags. */
  readonly secret?: true
  /** SIGHUP replaces the value while the server runs, or only the secrets in it. */
  readonly reloads?: true | 'secrets'
}

/** A setting with a flag and a variable. */
const flag = <T, D extends T | undefined>(value: string, kind: Kind<T>, initial: D, help: string, env: Env = true) =>
  ({ kind, default: initial, help, env, value }) as Definition<T, D>

/** A setting with a variable, and no flag. */
const variable = <T, D extends T | undefined>(env: Env, kind: Kind<T>, initial: D, help: string) =>
  ({ kind, default: initial, help, env }) as Definition<T, D>

const secret = <T>(env: Env, kind: Kind<T>, help: string): Definition<T, undefined> => ({
  ...variable(env, kind, undefined, help),
  secret: true,
})

/** A setting of the config file only. */
const key = <T, D extends T | undefined>(kind: Kind<T>, initial: D, help: string) =>
  ({ kind, default: initial, help }) as Definition<T, D>

/** Settings of the config file only: each of the server's defaults, with its kind and help. */
const keys = <N extends string>(
  defaults: Readonly<Record<N, number>>,
  table: Readonly<Record<N, readonly [kind: Kind<number>, help: string]>>,
) => {
  const entries = Object.entries(table) as [N, (typeof table)[N]][]
  return Object.fromEntries(entries.map(([name, [kind, help]]) => [name, key(kind, defaults[name], help)])) as {
    readonly [name in N]: Definition<number, number>
  }
}

/** Marks a setting that SIGHUP replaces, or only the secrets in it. */
const reloads = <T, D>(setting: Definition<T, D>, part: true | 'secrets' = true): Definition<T, D> => ({
  ...setting,
  reloads: part,
})

const upToTenMinutes = duration(0, 600_000)
const port = wholeNumber(0, 65_535)
const host = text('a host name or an address')
const topic = textOrObject<TopicRuleOption>('a topic pattern such as video:*, or an object with one')
const topics = listOf(topic, 'one or more topic patterns')
const origins = listOf(origin, 'one or more origins such as https://example.com, or *')
const network = textThat('an address or a network such as 10.0.0.0/8', isNetwork)
const networks = listOf(network, 'one or more networks such as 10.0.0.0/8')
const redisUrls = listOf(redisUrl, 'one or more Redis URLs')
const prefix = text('a prefix without braces or spaces', /^[^{}\s]+$/)
/** As in RFC 6750, section 2.1. */
const bearerToken = text('letters, digits and . _ ~ + / - =', /^[A-Za-z0-9._~+/-]+=*$/)
const audience = text('an audience')
const expiredToken = oneOf('viewer', 'close')
const expiredTokenHelp = 'an open socket whose token expired: viewer or close'
const invalidToken = oneOf('viewer', 'reject')
const invalidTokenHelp = 'clients with an invalid token: viewer or reject'
const historyHelp = 'the last day of counts is kept for: none, operators or readers'
const jwtSecret = textThat(
  'a shared secret, no key in PEM, DER or JSON (see HEADCOUNT_JWKS_URL)',
  (given) => given !== '' && isSharedSecret(given),
)
const jwtSecrets = listOf(jwtSecret, 'one or more secrets')
const webhookSecret = text('"whsec_" and 24 to 64 bytes as base64', /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/)
const webhookSecrets = listOf(webhookSecret, 'one secret, or two')
const webhook = textOrObject<WebhookSetting>('a URL, or an object with a url')
const webhooks = listOf(webhook, 'one or more webhooks')
/** A URL without options has the defaults. */
type WebhookSetting = string | (Omit<WebhookOptions, 'secret'> & Partial<Pick<WebhookOptions, 'secret'>>)
const groups = listOf(text('the name of a group'), 'a list of two or more different names', 2)

/** All settings. Flags, variables, checks, types, `--help` and the tables in docs/SETTINGS.md are derived from them. */
export const definitions = {
  port: flag('PORT', port, 4000, 'port to listen on; 0 picks a free port'),
  host: flag('HOST', host, '127.0.0.1', 'address to listen on'),
  topics: flag('PATTERN', topics, ['*'], 'topics that clients may join, such as video:*'),
  unit: flag('UNIT', oneOf('connections', 'people'), 'connections', 'what is counted: connections or people'),
  settle: flag('MS', duration(0, maxSettle), 0, 'how long a decrease waits before it is shown, in ms'),
  history: flag('READERS', oneOf(...historyReaders), 'none', historyHelp),
  origins: reloads(
    flag('ORIGIN', origins, undefined, "every site whose pages may connect; * for all (the server's own)"),
  ),
  trustProxy: flag('CIDR', networks, undefined, 'proxies whose X-Forwarded-For is trusted (none)'),
  redis: flag('URL', redisUrls, undefined, 'Redis, or nodes of a Redis Cluster (in memory)', 'HEADCOUNT_REDIS_URL'),
  redisPrefix: flag('PREFIX', prefix, 'hc', 'prefix of every key and channel in Redis'),
  workers: flag('N', workerCount, 1, 'number of processes; auto for one per processor'),
  lease: flag('MS', duration(100), defaultLease, 'how long a server that stopped responding counts, in ms'),
  canary: flag('MS', upToTenMinutes, 0, 'time between two measurements of how old counts are, in ms; 0: never'),
  drainDelay: flag('MS', upToTenMinutes, 5_000, 'how long a stopping server still accepts new sockets, in ms'),
  drainOver: flag('MS', upToTenMinutes, undefined, 'time over which its sockets are closed, in ms (by their number)'),
  operatorPort: flag('PORT', port, undefined, 'port on which routes for operators need no key (none)'),
  operatorHost: flag('HOST', host, '127.0.0.1', 'address of the operator port'),
  logLevel: reloads(
    flag('LEVEL', oneOf(...logLevels), 'info', 'lowest level to log: debug, info, warn, error, silent'),
  ),
  operatorKey: secret(true, bearerToken, 'bearer token of operators on the main port (random, printed at start)'),
  secret: secret(true, text('a secret'), 'key of the hashes of people (derived from the JWT secret, else random)'),
  webhookSecret: reloads(secret(true, webhookSecrets, 'signs webhooks without their own secret (none)')),
  auth: {
    secret: reloads(
      secret(
        'HEADCOUNT_JWT_SECRET',
        jwtSecrets,
        'verifies HS256, HS384 and HS512 tokens; several while rotating (none)',
      ),
    ),
    jwksUrl: reloads(variable('HEADCOUNT_JWKS_URL', httpUrl, undefined, 'public keys that verify other tokens (none)')),
    claim: reloads(
      variable('HEADCOUNT_JWT_CLAIM', text('the name of a claim'), defaultAuth.claim, "claim that holds the user's id"),
    ),
    issuer: reloads(
      variable('HEADCOUNT_JWT_ISSUER', text('an issuer'), undefined, 'issuer that tokens must have (any)'),
    ),
    audience: reloads(variable('HEADCOUNT_JWT_AUDIENCE', audience, undefined, 'audience that tokens must have (any)')),
    leeway: reloads(
      variable('HEADCOUNT_JWT_LEEWAY', upToTenMinutes, defaultAuth.leeway, 'how far the clocks may differ, in ms'),
    ),
    expiredToken: reloads(
      variable('HEADCOUNT_EXPIRED_TOKEN', expiredToken, defaultAuth.expiredToken, expiredTokenHelp),
    ),
    invalidToken: reloads(
      variable('HEADCOUNT_INVALID_TOKEN', invalidToken, defaultAuth.invalidToken, invalidTokenHelp),
    ),
  },
  webhooks: reloads(key(webhooks, undefined, 'receivers of changes, by POST: see WEBHOOKS.md (none)'), 'secrets'),
  shieldTick: key(
    duration(100, 600_000),
    defaultShieldTick,
    'time between two changes of the shown counts of a shield, in ms',
  ),
  groups: key(groups, undefined, 'names of the groups: signed-in, anonymous, others (users and viewers)'),
  limits: keys(defaultLimits, {
    sockets: [wholeNumber(1, 1e7), 'open sockets of a process'],
    handshakesPerSecond: [wholeNumber(1, 1e6), 'upgrades per second per process'],
    channels: [wholeNumber(1, 1e9), 'joined channels of a process'],
    memoryShare: [share, 'share of memory beyond which sockets, joins and streams are refused; reads: 0.9 of it'],
    lag: [duration(100), 'how late the event loop may be before sockets, joins and streams are refused, in ms'],
    socketsPerAddress: [wholeNumber(0, 1e7), 'sockets and counted streams of an address; 0: no limit'],
    presencesPerAddress: [wholeNumber(0, 1e7), 'presences of an address in a topic; further ones wait; 0: no limit'],
    presencesPerUser: [wholeNumber(0, 1e7), 'the same for a signed-in user'],
    topicsPerSocket: [wholeNumber(1, 100_000), 'topics that a socket may join'],
    historyTopics: [wholeNumber(1, 1e6), 'topics of the cluster with a history'],
    pingAfter: [duration(1000), 'how long a socket may be silent before it is sent a ping, in ms'],
    pongTimeout: [duration(1000), 'how long it may be silent after the ping, in ms'],
    pollWindow: [duration(1000), 'how long a long poll waits, in ms; the stock client times out after 20 s'],
    pollMargin: [duration(100), 'how late the next poll may be, in ms'],
    idlePollers: [wholeNumber(1, 1e7), 'idle pollers of a process'],
    frameBytes: [wholeNumber(256, 16_777_216), 'longest frame, in bytes'],
    topicBytes: [wholeNumber(1, 4_096), 'longest topic, in bytes of UTF-8'],
    backlogBytes: [wholeNumber(1_024, 2 ** 30), 'unsent bytes beyond which diffs are skipped'],
    totalBacklogBytes: [wholeNumber(1_024, 2 ** 36), 'unsent bytes of all sockets beyond which the slowest are closed'],
    messagesPerSecond: [wholeNumber(1, 1e9), 'frames per second from a socket'],
    bytesPerSecond: [wholeNumber(256, 1e12), 'bytes per second from a socket'],
    joinsPerSecond: [wholeNumber(1, 1e6), 'joins, and channels moved by sign-ins, per second of a socket'],
    tokensPerSecond: [wholeNumber(1, 1e6), 'tokens per second on an open socket'],
  }),
  http: {
    keepAlive: key(duration(1_000), 75_000, 'how long an idle connection is kept, in ms; longer than at a balancer'),
    requestTimeout: key(duration(1_000), 10_000, 'how long a request or handshake may take to arrive, in ms'),
    headerBytes: key(wholeNumber(1_024, 1_048_576), 16_384, 'longest head of a request, in bytes'),
    ...keys(defaultHttpLimits, {
      stallTimeout: [duration(100), 'how long a reader may read nothing before it is closed, in ms'],
      streams: [wholeNumber(1, 1e6), 'maximum open streams'],
    }),
  },
  flush: keys(defaultFlush, {
    minimum: [duration(0, 60_000), 'minimum time between two broadcasts of a topic, in ms'],
    maximum: [duration(1, 60_000), 'the same for the largest topics, in ms'],
    framesPerSecond: [wholeNumber(1, 1e8), 'maximum frames per second of a topic'],
    share: [share, 'share of the time that all broadcasts may use'],
  }),
}

type Definitions = typeof definitions

/** The type of a key in the config file: a list with one item may be written as the item. */
type Given<T> = T extends readonly (infer Item)[] ? T | Extract<Item, string> : T
type ConfigOf<D> = {
  [K in keyof D]?: (D[K] extends Definition<infer T, unknown> ? Given<T> : ConfigOf<D[K]>) | undefined
}
type ValueOf<D> = D extends Definition<infer T, infer Default> ? T | Extract<Default, undefined> : ValuesOf<D>
type ValuesOf<D> = { readonly [K in keyof D]: ValueOf<D[K]> }

/**
 * The type of `headcount.config.ts`, `.js` or `.json`. docs/SETTINGS.md describes every key.
 *
 * ```ts
 * import type { HeadcountConfig } from 'headcount'
 * export default { topics: ['video:*'], unit: 'people', settle: 3000 } satisfies HeadcountConfig
 * ```
 */
export type HeadcountConfig = ConfigOf<Definitions>

/** The value of every setting. */
export type Values = ValuesOf<Definitions>

/** A setting with all of its names. */
export interface Setting extends Definition<unknown> {
  /** Its place in the config file: `port`, `auth.claim`. */
  readonly path: string
  /** Without the dashes: `log-level`. */
  readonly flag?: string
  readonly env?: `HEADCOUNT_${string}`
}

/** Every setting in the order of the table. */
export const settings: readonly Setting[] = Object.entries(definitions).flatMap(([name, entry]) =>
  'kind' in entry ? [named(name, entry)] : Object.entries(entry).map(([inner, one]) => named(`${name}.${inner}`, one)),
)

function named(path: string, { env, ...definition }: Definition<unknown>): Setting {
  const flag = path.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return {
    ...{ ...definition, path },
    ...(definition.value && { flag }),
    ...(env && { env: env === true ? (`HEADCOUNT_${flag.toUpperCase().replace('-', '_')}` as const) : env }),
  }
}

export function describe({ help, default: initial }: Setting): string {
  return initial === undefined ? help : `${help} (${initial})`
}

import {
  defaultFlush,
  didYouMean,
  type Engine,
  type FlushSettings,
  HeadcountError,
  type HistoryReaders,
  type Logger,
  type Metrics,
  type PartialOptions,
  type TopicRuleOption,
  type TransitionReceiver,
  type Unit,
} from '@headcount/core'
import type { Group } from '@headcount/protocol'
import type { AuthOptions } from './auth/auth.js'
import { defaultHttpLimits, type HttpLimits } from './http/limits.js'
import type { EffectiveSetting } from './http/operator-source.js'
import { readOrigin } from './origins.js'
import type { Authorize } from './sockets/access.js'
import { defaultLimits, type Limits } from './sockets/limits.js'

export interface HeadcountOptions<G extends Group = Group> {
  /** Merges the counts of all replicas. Default: memory, for one process. */
  readonly engine?: Engine | undefined
  /**
   * The groups, in the order of the wire: the first is for signed-in users, the second for anonymous viewers. Others
   * are only for `track`. Default: `users`, `viewers`.
   */
  readonly groups?: readonly G[] | undefined
  /** The topics that clients may join, and how each is counted. The first match applies. Default: `*`. */
  readonly topics?: readonly TopicRuleOption[] | undefined
  /** The unit of patterns without one. Default: `connections`. */
  readonly unit?: Unit | undefined
  /** How long, in ms, a decrease waits before it is shown, for patterns without a `settle`. Default: 0. */
  readonly settle?: number | undefined
  /** Who may read the history of topics, for patterns without a `history`. Default: `none`, so there is none. */
  readonly history?: HistoryReaders | undefined
  /** Time, in ms, between two ticks, at which topics with a `shield` change their shown counts. Default: 10,000. */
  readonly shieldTick?: number | undefined
  /** How clients become users. Default: every client is a viewer. */
  readonly auth?: AuthOptions | undefined
  /** Decides, after the patterns, whether a client may join a topic. Default: yes. */
  readonly authorize?: Authorize | undefined
  /** The key of the hashes of people. Default: derived from `auth.secret`, else random. */
  readonly secret?: string | undefined
  /** The key that operator routes, such as `/metrics`, require as a bearer token. Default: random. */
  readonly operatorKey?: string | undefined
  /** All origins whose pages may open sockets and read counts, or `*` for any. Default: the server's own host. */
  readonly origins?: readonly string[] | undefined
  /**
   * Addresses or networks of reverse proxies, such as `10.0.0.0/8`. The limits per address read `X-Forwarded-For` from
   * these alone. Default: none.
   */
  readonly trustProxy?: readonly string[] | undefined
  /** How long, in ms, the cluster counts this replica after its last commit. Default: 10,000. */
  readonly lease?: number | undefined
  /**
   * Time, in ms, between two measurements of how old counts are, as the metrics `headcount_freshness_seconds` and
   * `headcount_staleness_seconds`. Default: 0, never.
   */
  readonly canary?: number | undefined
  /** Limits of each socket, user and address, and of the process. */
  readonly limits?: PartialOptions<Limits> | undefined
  readonly http?: PartialOptions<HttpLimits> | undefined
  /** How often topics are broadcast, and how much time that may use. */
  readonly flush?: PartialOptions<FlushSettings> | undefined
  /** Default: warnings and errors are written to stderr. */
  readonly logger?: Logger | undefined
  /**
   * Receives `occupied`, `vacant` and thresholds of topics without a shield: `createWebhooks` of `@headcount/webhooks`.
   * Default: none.
   */
  readonly webhooks?: TransitionReceiver | undefined
  /** Default: a separate prom-client registry. */
  readonly metrics?: Metrics | undefined
  /** The settings to show to operators. They have no effect. Default: none. */
  readonly settings?: readonly EffectiveSetting[] | undefined
}

/** The options that can be replaced while the server runs. */
export type ReloadOptions = Pick<HeadcountOptions, 'auth' | 'origins' | 'settings'>

/** The characters of a bearer token (RFC 6750, 2.1). */
const keyPattern = /^[A-Za-z0-9._~+/-]+=*$/

/** Limits that may be 0: no limit. */
const offIfZero = ['socketsPerAddress', 'presencesPerAddress', 'presencesPerUser']

const authNames = {
  ...{ secret: true, jwksUrl: true, claim: true, issuer: true, audience: true },
  ...{ leeway: true, invalidToken: true, expiredToken: true },
} satisfies Record<keyof AuthOptions, true>

/** Options of `auth`, also as `jwtSecret`: their variables are `HEADCOUNT_JWT_SECRET` and the like. */
const authHints = Object.keys(authNames).flatMap((name) =>
  [name, `jwt${name}`].map((n) => [n, `auth.${name}`] as const),
)

/** The setting `redis` of the command is the option `engine`. */
const hints = new Map([
  ['', [...authHints, ['redis', 'engine'] as const]],
  ['auth.', authHints],
])

/**
 * Checks what TypeScript cannot check, and the errors of JavaScript callers. Patterns and `auth` are checked where they
 * are used.
 * @throws {HeadcountError} `bad_option`, with a message that names the option.
 */
export function checkOptions(options: HeadcountOptions): void {
  if (!isObject(options)) throw bad(`expected an object with options, got ${kindOf(options)}`)
  checkNames(options)
  checkKinds(options)
  const { limits, http, flush, groups, origins, lease, canary, shieldTick, operatorKey } = options
  checkNumbers('', { lease, shieldTick, canary }, 'canary')
  checkNumbers('limits.', limits, ...offIfZero)
  checkNumbers('http.', http)
  checkNumbers('flush.', flush, 'minimum')
  origins?.forEach(checkOrigin)
  if (groups !== undefined) checkGroups(groups)
  if (operatorKey !== undefined && !keyPattern.test(operatorKey))
    throw bad('operatorKey: expected letters, digits and . _ ~ + / - =, got others or none')
}

/** @throws {HeadcountError} `bad_option` if one is invalid, or cannot be replaced. */
export function checkReloadOptions(options: ReloadOptions): void {
  const known = { auth: true, origins: true, settings: true } satisfies Record<keyof ReloadOptions, true>
  throwIfAny(unknownNames('reload: ', options, known))
  checkOptions(options)
}

function checkNames(options: HeadcountOptions): void {
  const { auth, limits, http, flush } = options
  throwIfAny([
    ...unknownNames('', options, kinds),
    ...unknownNames('auth.', auth, authNames),
    ...unknownNames('limits.', limits, defaultLimits),
    ...unknownNames('http.', http, defaultHttpLimits),
    ...unknownNames('flush.', flush, defaultFlush),
  ])
}

/** A line for each unknown option. */
function unknownNames(prefix: string, options: unknown, known: object): string[] {
  if (!isObject(options)) return []
  const meant = new Map<string, string>(hints.get(prefix))
  for (const one of Object.keys(known)) meant.set(one, `${prefix}${one}`)
  const hint = (name: string): string => didYouMean(name, meant.keys(), (near) => meant.get(near)!)
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(known, name))
  return unknown.map((name) => `${prefix}${name}: unknown option${hint(name)}`)
}

function throwIfAny(lines: readonly string[]): void {
  if (lines.length > 0) throw bad(lines.join('\n'))
}

/** @param orZero the numbers that may be 0. All others are above it. */
function checkNumbers(prefix: string, numbers: object | undefined, ...orZero: readonly string[]): void {
  for (const [name, value] of Object.entries(numbers ?? {})) {
    if (value === undefined) continue
    if (typeof value === 'number' && (value > 0 || (value === 0 && orZero.includes(name)))) continue
    const expected = orZero.includes(name) ? 'a number of at least 0' : 'a number above 0'
    throw bad(`${prefix}${name}: expected ${expected}, got ${value}`)
  }
}

type Kind = readonly [is: (value: unknown) => boolean, what: string]

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const object: Kind = [isObject, 'an object']
const array: Kind = [Array.isArray, 'an array']

function withMethods(what: string, ...methods: readonly string[]): Kind {
  const has = (value: unknown): boolean =>
    methods.every((method) => typeof (value as Record<string, unknown> | null)?.[method] === 'function')
  return [has, what]
}

/** The kind that each option must have; undefined if that is checked elsewhere. */
const kinds: { readonly [N in keyof Required<HeadcountOptions>]: Kind | undefined } = {
  ...{ auth: object, limits: object, http: object, flush: object },
  ...{ groups: array, topics: array, origins: array, trustProxy: array },
  authorize: [(value) => typeof value === 'function', 'a function'],
  // An HMAC without a key does not hide an id.
  secret: [(value) => typeof value === 'string' && value !== '', 'a string that is not empty'],
  engine: withMethods('an engine', 'open', 'watch', 'unwatch', 'read', 'commit', 'close'),
  logger: withMethods('a logger', 'debug', 'info', 'warn', 'error'),
  metrics: withMethods('what createMetrics returns', 'count', 'gauge', 'observe', 'text'),
  webhooks: withMethods('what createWebhooks returns', 'start'),
  ...{ unit: undefined, settle: undefined, history: undefined, settings: undefined, operatorKey: undefined },
  ...{ lease: undefined, shieldTick: undefined, canary: undefined },
}

/** The given value is not shown: it may be a secret. */
function checkKinds(options: HeadcountOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const kind = kinds[name as keyof HeadcountOptions]
    if (kind === undefined || value === undefined) continue
    const [is, what] = kind
    if (!is(value)) throw bad(`${name}: expected ${what}, got ${kindOf(value)}`)
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === '') return JSON.stringify(value)
  return Array.isArray(value) ? 'an array' : typeof value
}

function checkOrigin(origin: unknown): void {
  const expected = 'expected origins such as https://example.com or https://*.example.com, or *'
  if (readOrigin(origin) === undefined) throw bad(`origins: ${expected}, got ${JSON.stringify(origin)}`)
}

function checkGroups(groups: readonly Group[]): void {
  const areNames = groups.every((group) => typeof group === 'string' && group !== '')
  if (groups.length >= 2 && areNames && new Set(groups).size === groups.length) return
  throw bad(`groups: expected two or more different names, got ${JSON.stringify(groups)}`)
}

function bad(message: string): HeadcountError {
  return new HeadcountError('bad_option', message)
}

import { defaultFlush, HeadcountError, type TopicRule, topicRules } from '@headcount/core'
import type { LogLevel } from '../log.js'
import type { Config } from './schema.js'

/** All that `headcount serve` is told, whole and valid. */
export interface Settings {
  readonly port: number
  readonly host: string
  /** None: counts are kept in memory. */
  readonly redis: readonly string[]
  readonly workers: number | 'auto'
  readonly topics: readonly TopicRule[]
  /** Undefined: the default groups. */
  readonly groups: readonly string[] | undefined
  readonly lease: number
  /** Undefined: derived from the JWT secret, or else random. */
  readonly secret: string | undefined
  readonly operatorKey: string | undefined
  /** Undefined: the server's own host. */
  readonly origins: readonly string[] | undefined
  readonly demo: boolean
  /** Where the demo's crowd joins. Undefined: the server itself. */
  readonly demoUrl: string | undefined
  readonly logLevel: LogLevel
  readonly auth: Config['auth'] & { readonly claim: string; readonly invalidToken: 'viewer' | 'reject' }
  readonly limits: NonNullable<Config['limits']>
  readonly flush: NonNullable<Config['flush']>
  /** What works, but should not stay so. */
  readonly warnings: readonly string[]
}

/**
 * Fills in the defaults, and checks what only shows where settings meet.
 * @param config the winner of each setting.
 * @param label who gave the winner: `--settle`, or undefined where nobody did.
 * @throws {HeadcountError} `bad_setting`.
 */
export function complete(config: Config, label: (path: string) => string | undefined): Settings {
  const { demo = false, redis = [] } = config
  const named = (path: string): string => label(path) ?? path
  const topics = topicsOf(config, named)
  const auth = { claim: 'sub', invalidToken: 'viewer', ...config.auth } as const
  const checksTokens = demo || auth.secret !== undefined || auth.jwksUrl !== undefined
  if (auth.invalidToken === 'reject' && !checksTokens) {
    throw bad(
      `${named('auth.invalidToken')}: expected HEADCOUNT_JWT_SECRET or HEADCOUNT_JWKS_URL beside "reject", got neither, so no token can be checked`,
    )
  }
  const { minimum, maximum } = { ...defaultFlush, ...config.flush }
  if (minimum > maximum)
    throw bad(`${named('flush.minimum')}: expected no more than flush.maximum, got ${minimum} and ${maximum}`)
  const shared = config.secret !== undefined || auth.secret !== undefined
  if (redis.length > 0 && !shared && topics.some(({ unit }) => unit === 'people')) {
    throw bad(
      'HEADCOUNT_SECRET: expected a secret that all servers share, because people are counted over Redis, got none',
    )
  }
  return {
    port: config.port ?? 4000,
    host: config.host ?? '127.0.0.1',
    redis,
    workers: config.workers ?? 1,
    topics,
    groups: config.groups,
    lease: config.lease ?? 10_000,
    secret: config.secret,
    operatorKey: config.operatorKey,
    origins: config.origins,
    demo,
    demoUrl: config.demoUrl,
    logLevel: config.logLevel ?? 'info',
    auth,
    limits: config.limits ?? {},
    flush: config.flush ?? {},
    warnings: warningsOf(config, named),
  }
}

function topicsOf(config: Config, named: (path: string) => string): readonly TopicRule[] {
  const { topics = [{ pattern: '*' }], unit = 'connections', settle = 0, limits = {} } = config
  try {
    return topicRules(topics, { unit, settle }, limits.topicBytes).rules
  } catch (error) {
    if (!(error instanceof HeadcountError)) throw error
    const own = settle === 0 || topics.some((topic) => topic.settle !== undefined)
    throw bad(`${named(own ? 'topics' : 'settle')}: ${error.message}`)
  }
}

/** What RFC 7518 asks of a key of HS256. */
const goodSecretBytes = 32

function warningsOf(config: Config, named: (path: string) => string): string[] {
  const secrets = {
    'auth.secret': config.auth?.secret,
    secret: config.secret,
    operatorKey: config.operatorKey,
  }
  const short = Object.entries(secrets)
    .filter(([, secret]) => secret !== undefined && Buffer.byteLength(secret) < goodSecretBytes)
    .map(([path]) => `${named(path)}: expected ${goodSecretBytes} bytes or more, got fewer, which can be guessed`)
  if (!config.demo || config.auth?.secret === undefined) return short
  return [
    ...short,
    `${named('demo')}: expected no JWT secret beside the demo, got one, with which the demo signs a token for whoever opens its page`,
  ]
}

function bad(message: string): HeadcountError {
  return new HeadcountError('bad_setting', message)
}

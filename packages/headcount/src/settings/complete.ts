import { HeadcountError, matchesPattern, type TopicRule, topicRules } from '@headcount/core'
import type { EffectiveSetting } from '@headcount/server'
import type { WebhookOptions } from '@headcount/webhooks'
import type { Values } from './definitions.js'
import { badSetting } from './settings-errors.js'

/** All settings, valid. Plain data, so that they can be sent to another process. */
export interface Settings
  extends Omit<Values, 'topics' | 'unit' | 'settle' | 'history' | 'webhooks' | 'webhookSecret'> {
  readonly topics: readonly TopicRule[]
  readonly webhooks: readonly WebhookOptions[]
  /** Settings that work, but should be changed. */
  readonly warnings: readonly string[]
  /**
   * Every setting, in the order of docs/SETTINGS.md. Its value is JSON without secrets; in parentheses, what happens
   * without a value, or that a secret is set. Its source is `--port`, `HEADCOUNT_PORT`, `port in headcount.config.ts`,
   * or `default`.
   */
  readonly effective: readonly EffectiveSetting[]
  /** The name of the config file that was read; undefined if there is none. */
  readonly configFile: string | undefined
}

/**
 * Checks combinations of settings.
 * @param nameOf returns the name under which a setting was given.
 * @throws {HeadcountError} `bad_setting`.
 */
export async function complete(
  values: Values,
  nameOf: (path: string) => string,
  warnings: readonly string[],
): Promise<Omit<Settings, 'effective' | 'configFile'>> {
  const { topics: patterns, unit, settle, history, webhooks: given, webhookSecret, ...rest } = values
  const { auth, flush, redis, secret } = rest
  const defaults = { unit, settle, history }
  const topics = checked(nameOf('topics'), () => topicRules(patterns, defaults, rest.limits.topicBytes).rules)
  if (auth.invalidToken === 'reject' && auth.secret === undefined && auth.jwksUrl === undefined) {
    const expected = 'expected HEADCOUNT_JWT_SECRET or HEADCOUNT_JWKS_URL beside "reject"'
    throw badSetting(`${nameOf('auth.invalidToken')}: ${expected}, got neither, so no token can be verified`)
  }
  if (flush.minimum > flush.maximum) {
    const got = `${flush.minimum} and ${flush.maximum}`
    throw badSetting(`${nameOf('flush.minimum')}: expected at most flush.maximum, got ${got}`)
  }
  if (rest.operatorPort !== undefined && rest.operatorPort === rest.port && rest.port !== 0) {
    throw badSetting(`${nameOf('operatorPort')}: expected another port than that of the server, got ${rest.port}`)
  }
  const countsPeople = topics.some((topic) => topic.unit === 'people')
  if (redis !== undefined && countsPeople && secret === undefined && auth.secret === undefined) {
    throw badSetting('HEADCOUNT_SECRET: expected a secret, the same on every machine, to count people over Redis')
  }
  const webhooks = await webhooksOf(values, nameOf('webhooks'))
  return {
    ...rest,
    topics,
    webhooks,
    warnings: [...warnings, ...webhookWarnings(topics, webhooks)],
  }
}

/** The webhooks with their secrets. */
async function webhooksOf(
  { webhooks = [], webhookSecret = [] }: Values,
  name: string,
): Promise<readonly WebhookOptions[]> {
  if (webhooks.length === 0) return []
  const unsigned = webhooks.findIndex((one) => typeof one === 'string' || one.secret === undefined)
  if (webhookSecret.length === 0 && unsigned !== -1) {
    throw badSetting(
      `HEADCOUNT_WEBHOOK_SECRET: expected a secret that signs webhooks[${unsigned}], or its own, got none`,
    )
  }
  const { createWebhooks } = await import('@headcount/webhooks')
  const all = webhooks.map((one) => ({ secret: webhookSecret, ...(typeof one === 'string' ? { url: one } : one) }))
  return checked(name, () => {
    createWebhooks(all)
    return all
  })
}

/** A warning for each topic of a webhook of which no change is ever sent. */
function webhookWarnings(topics: readonly TopicRule[], webhooks: readonly WebhookOptions[]): string[] {
  const sent = topics.filter(({ shield }) => shield === 0).map(({ pattern }) => pattern)
  const start = (pattern: string): string => pattern.replace(/\*$/, '')
  const overlap = (a: string, b: string): boolean => matchesPattern(a, start(b)) || matchesPattern(b, start(a))
  return webhooks.flatMap((webhook, i) =>
    (webhook.topics ?? [])
      .filter((one) => !sent.some((pattern) => overlap(one, pattern)))
      .map((one) => `webhooks[${i}].topics: no topic pattern without a shield allows ${JSON.stringify(one)}`),
  )
}

/** @throws {HeadcountError} `bad_setting`, with the name under which the setting was given. */
function checked<T>(name: string, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (error instanceof HeadcountError) throw badSetting(error.message.replace(/^/gm, `${name}: `), error)
    throw error
  }
}

import { matchesPattern, type TopicRule } from '@headcount/core'
import type { WebhookOptions } from '@headcount/webhooks'
import type { Values } from './definitions.js'

interface TopicSettings extends Pick<Values, 'auth' | 'limits'> {
  readonly topics: readonly TopicRule[]
  readonly webhooks: readonly WebhookOptions[]
}

/** Topic patterns that work, but not as an operator would expect. */
export function topicWarnings(settings: TopicSettings): string[] {
  return [...accessWarnings(settings), ...shieldWarnings(settings), ...webhookWarnings(settings)]
}

function accessWarnings({ topics, auth }: TopicSettings): string[] {
  const closed = topics.find(({ access }) => access !== 'everyone')
  if (closed === undefined || auth.secret !== undefined || auth.jwksUrl !== undefined) return []
  const given = `topic pattern ${JSON.stringify(closed.pattern)} is for those with a token`
  return [`${given}: no client can join without HEADCOUNT_JWT_SECRET or HEADCOUNT_JWKS_URL, which verify tokens`]
}

function shieldWarnings({ topics, limits: { presencesPerAddress } }: TopicSettings): string[] {
  const shielded = topics.find(({ shield }) => shield > 0)
  if (shielded === undefined || presencesPerAddress > 0) return []
  const given = `topic pattern ${JSON.stringify(shielded.pattern)} has a shield, and limits.presencesPerAddress is 0`
  return [`${given}: a visitor who opens connections until the number changes learns the count`]
}

function webhookWarnings({ topics, webhooks }: TopicSettings): string[] {
  const sent = topics.filter(({ shield }) => shield === 0).map(({ pattern }) => pattern)
  const start = (pattern: string): string => pattern.replace(/\*$/, '')
  const overlap = (a: string, b: string): boolean => matchesPattern(a, start(b)) || matchesPattern(b, start(a))
  return webhooks.flatMap((webhook, i) =>
    (webhook.topics ?? [])
      .filter((one) => !sent.some((pattern) => overlap(one, pattern)))
      .map((one) => `webhooks[${i}].topics: no topic pattern without a shield allows ${JSON.stringify(one)}`),
  )
}

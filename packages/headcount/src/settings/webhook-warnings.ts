import { matchesPattern, type TopicRule } from '@headcount/core'
import type { WebhookOptions } from '@headcount/webhooks'

/** A warning for each topic of a webhook of which no change is ever sent. */
export function webhookWarnings(topics: readonly TopicRule[], webhooks: readonly WebhookOptions[]): string[] {
  const sent = topics.filter(({ shield }) => shield === 0).map(({ pattern }) => pattern)
  const start = (pattern: string): string => pattern.replace(/\*$/, '')
  const overlap = (a: string, b: string): boolean => matchesPattern(a, start(b)) || matchesPattern(b, start(a))
  return webhooks.flatMap((webhook, i) =>
    (webhook.topics ?? [])
      .filter((one) => !sent.some((pattern) => overlap(one, pattern)))
      .map((one) => `webhooks[${i}].topics: no topic pattern without a shield allows ${JSON.stringify(one)}`),
  )
}

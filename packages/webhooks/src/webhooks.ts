import { isDeepStrictEqual } from 'node:util'
import {
  HeadcountError,
  type Level,
  type Logger,
  type Metrics,
  noMetrics,
  silentLogger,
  systemClock,
  type TransitionReceiver,
} from '@headcount/core'
import { defaultGroups, type Group } from '@headcount/protocol'
import { Deliveries, type DeliveryOptions } from './deliveries.js'
import { type WebhookOptions, webhookOf } from './options.js'
import { post } from './post.js'

export interface WebhooksOptions extends Partial<Pick<DeliveryOptions, 'clock' | 'random' | 'post'>> {
  /** The groups of the server. Default: `users`, `viewers`. */
  readonly groups?: readonly Group[] | undefined
  readonly logger?: Pick<Logger, 'info' | 'warn'> | undefined
  readonly metrics?: Metrics | undefined
}

export interface Webhooks extends TransitionReceiver {
  /**
   * Replaces the secrets of the webhooks. The next request, even a retry, is signed with them.
   * @throws {HeadcountError} `bad_option` if one is invalid, or more than secrets differ. Nothing changes then.
   */
  reload(webhooks: readonly WebhookOptions[]): void
}

/** Lua keeps the levels that a topic is above as bits of a number. */
const maxLevels = 50

/**
 * Makes what `createHeadcount` takes as `webhooks`.
 * @throws {HeadcountError} `bad_option` if a webhook is invalid, two have the same URL, or all have too many levels.
 */
export function createWebhooks(given: readonly WebhookOptions[], options: WebhooksOptions = {}): Webhooks {
  let webhooks = given.map((each, i) => webhookOf(each, `webhooks[${i}]`))
  if (new Set(webhooks.map(({ url }) => url.href)).size < webhooks.length) {
    throw new HeadcountError('bad_option', 'webhooks: expected different URLs')
  }
  const levels = unionOf(webhooks.map((webhook) => webhook.levels)).length
  if (levels > maxLevels) {
    const expected = `expected at most ${maxLevels} different thresholds and times of vacancy`
    throw new HeadcountError('bad_option', `webhooks: ${expected}, got ${levels}`)
  }
  const { groups = defaultGroups, logger = silentLogger, metrics = noMetrics } = options
  const { clock = systemClock, random = Math.random } = options
  const environment: DeliveryOptions = { groups, logger, metrics, clock, random, post: options.post ?? post }
  return {
    levels: (topic) => unionOf(webhooks.filter(({ matches }) => matches(topic)).map(({ levels }) => levels)),
    reload(changed) {
      if (!differOnlyInSecrets(given, changed)) {
        throw new HeadcountError('bad_option', 'webhooks: expected the same ones with other secrets')
      }
      webhooks = changed.map((each, i) => webhookOf(each, `webhooks[${i}]`))
    },
    start(transitions) {
      const all = webhooks.map(
        (webhook, i) => new Deliveries(webhook, () => webhooks[i]!.keys, transitions, environment),
      )
      metrics.gauge('webhook_delay_seconds', () => Math.max(...all.map(({ delay }) => delay)) / 1000)
      // From the previous request.
      let waiting = 0
      metrics.gauge('webhook_queue', () => {
        const read = transitions.waiting().then((count) => {
          waiting = count
        })
        read.catch(() => {})
        return waiting
      })
      return async () => void (await Promise.all(all.map((each) => each.stop())))
    },
  }
}

/** Whether a reload can replace the first list by the second. */
function differOnlyInSecrets(some: readonly WebhookOptions[], others: readonly WebhookOptions[]): boolean {
  const rest = (all: readonly WebhookOptions[]) => all.map(({ secret, ...options }) => options)
  return isDeepStrictEqual(rest(some), rest(others))
}

/** Each level once, in an order that does not depend on that of the webhooks. */
function unionOf(lists: readonly (readonly Level[])[]): readonly Level[] {
  const all = lists.flat().sort((a, b) => a.up - b.up || a.down - b.down || a.delay - b.delay)
  return all.filter((level, i) => i === 0 || textOf(level) !== textOf(all[i - 1]!))
}

const textOf = ({ up, down, delay }: Level): string => `${up}:${down}:${delay}`

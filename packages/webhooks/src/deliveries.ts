import { createHash } from 'node:crypto'
import {
  type Clock,
  type Delivery,
  errorText,
  type Logger,
  type Metrics,
  OutageLog,
  type Transitions,
} from '@headcount/core'
import type { Group } from '@headcount/protocol'
import { log } from './log-events.js'
import type { Webhook } from './options.js'
import { changesBody, syncBody } from './payload.js'
import type { post as postHttp } from './post.js'
import { signedHeaders } from './sign.js'

export interface DeliveryOptions {
  readonly groups: readonly Group[]
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly metrics: Pick<Metrics, 'count'>
  readonly post: typeof postHttp
}

/** How often, in ms, to check for transitions, and whether this replica delivers. */
const interval = 500
/** The shortest and the longest wait between two attempts, in ms. */
const [firstRetry, longestRetry] = [1_000, 300_000]
/** How long, in ms, a receiver may fail before its pending transitions are dropped and replaced by a sync. */
const maxAge = 24 * 3_600_000

/** Delivers to one webhook, one request at a time, until it is stopped. */
export class Deliveries {
  readonly #name: string
  readonly #stopped = new AbortController()
  readonly #outage: OutageLog
  readonly #done: Promise<void>
  #wake = (): void => {}
  #failures = 0
  /** When the failed request is retried, by the clock. */
  #retryAt = 0
  /** Whether the receiver has accepted everything so far. Otherwise a sync replaces what was dropped. */
  #isComplete = false
  /** When the first attempt of the unaccepted request began. */
  #since: number | undefined

  constructor(
    private readonly webhook: Webhook,
    /** The secrets that sign requests: a reload replaces them. */
    private readonly keys: () => Webhook['keys'],
    private readonly transitions: Transitions,
    private readonly options: DeliveryOptions,
  ) {
    this.#name = createHash('sha256').update(webhook.url.href).digest('base64url').slice(0, 22)
    const { host } = webhook.url
    this.#outage = new OutageLog(options.clock, (phase, fields) =>
      log(options.logger, `webhook_outage_${phase}`, { host, ...fields }),
    )
    this.#done = this.#run()
  }

  /** How long, in ms, the receiver has been failing; 0 if it accepted the last request. */
  get delay(): number {
    return this.#since === undefined ? 0 : this.options.clock.now() - this.#since
  }

  /** Resolves when the request in flight has ended. Another replica delivers what was not accepted. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#wake()
    await this.#done
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      // If the cluster is unreachable, it is asked again.
      const wait = await this.#deliver().catch(() => interval)
      if (wait > 0) await this.#pause(wait)
    }
  }

  /** Delivers the next transitions. @returns the wait after it, in ms: too short for another replica to take over. */
  async #deliver(): Promise<number> {
    if (!(await this.transitions.lead())) {
      this.#since = undefined
      return interval
    }
    const wait = this.#retryAt - this.options.clock.now()
    if (wait > 0) return Math.min(wait, interval)
    const next = await this.transitions.next(this.#name)
    if (next === undefined) return interval
    if (this.#isTooOld(next)) {
      await this.transitions.skip(this.#name)
      this.#dropped()
      return 0
    }
    if (next.kind === 'sync' && this.#isComplete) this.#dropped()
    if (!(await (next.kind === 'sync' ? this.#sync() : this.#post(this.#bodyOf(next))))) return 0
    await this.transitions.acknowledge(this.#name, next.id)
    this.#isComplete = true
    return 0
  }

  #dropped(): void {
    this.#isComplete = false
    log(this.options.logger, 'webhook_dropped', { host: this.webhook.url.host })
    this.options.metrics.count('webhooks', 1, 'dropped')
  }

  #bodyOf(next: Extract<Delivery, { kind: 'transitions' }>): string | undefined {
    return changesBody(next, this.webhook, this.options.groups)
  }

  #isTooOld(next: Delivery): boolean {
    const { clock } = this.options
    const newest = next.kind === 'transitions' ? next.transitions.at(-1)!.version / 1000 : Number.POSITIVE_INFINITY
    return clock.origin + clock.now() - newest > maxAge
  }

  /** Sends every part of a sync while this replica leads: it may take longer than a lease. @returns as `#post`. */
  async #sync(): Promise<boolean> {
    const { groups, clock } = this.options
    const version = Math.floor((clock.origin + clock.now()) * 1000)
    let part = 1
    for await (const topics of this.transitions.topicsAbove()) {
      const body = syncBody(topics, { part, isLast: false, version }, this.webhook, groups)
      if (!(await this.#post(body)) || !(await this.transitions.lead())) return false
      part += 1
    }
    return this.#post(syncBody([], { part, isLast: true, version }, this.webhook, groups))
  }

  /** @returns whether the body was accepted, or there was none. If not, the next attempt is scheduled. */
  async #post(body: string | undefined): Promise<boolean> {
    if (body === undefined) return true
    const { clock, metrics, post } = this.options
    const { url, allowPrivate } = this.webhook
    this.#since ??= clock.now()
    const headers = signedHeaders(this.keys(), body, clock.origin + clock.now())
    const { signal } = this.#stopped
    const outcome = await post({ url, allowPrivate, headers, body, signal }).catch((error: Error) => error)
    if ('status' in outcome && outcome.status >= 200 && outcome.status < 300) {
      metrics.count('webhooks', 1, 'delivered')
      this.#outage.ended()
      this.#failures = 0
      this.#since = undefined
      return true
    }
    if (this.#stopped.signal.aborted) return false
    metrics.count('webhooks', 1, 'failed')
    this.#outage.failed('status' in outcome ? `status ${outcome.status}` : errorText(outcome))
    const asked = 'status' in outcome ? (outcome.retryAfter ?? 0) : 0
    const grown = Math.min(firstRetry * 2 ** this.#failures, longestRetry) * (0.5 + this.options.random() / 2)
    this.#failures += 1
    this.#retryAt = clock.now() + Math.min(Math.max(grown, asked), longestRetry)
    return false
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.options.clock.after(ms, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }
}

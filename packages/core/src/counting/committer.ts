import type { Change, EngineOptions, Topic } from '../engine/engine.js'
import { errorText } from '../runtime/errors.js'
import { log } from '../runtime/log-events.js'
import { OutageLog } from '../runtime/outage-log.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Tracker } from './tracker.js'

export interface CommitterOptions extends Runtime, Pick<EngineOptions, 'lease'> {
  readonly tracker: Tracker
  /** The flush interval of a topic on this replica, in ms. */
  interval(topic: Topic): number
  /** Minimum time, in ms, between two commits; 0 for one in each turn of the event loop. */
  readonly commitInterval: number
  /** `commit` of the engine. @param since when the first of the changes was made. */
  commit(changes: readonly Change[], since: number): Promise<'kept' | 'lost'>
}

/** Renewals per lease: one may fail and one may be late. */
const renewalsPerLease = 4

/** Minimum delay, in ms, between commits while the engine is failing: each retry resends all pending changes. */
const failingInterval = 100

/** Maximum delay, in ms, before a failed commit is retried. */
const maxRetryDelay = 1000

/** Commits the tracker's changes to the engine: after each change, and before the lease expires. */
export class Committer {
  /** A commit is in flight. */
  #committing = false
  /** A commit is scheduled, or must follow the one in flight. */
  #pending = false
  #lastCommit = Number.NEGATIVE_INFINITY
  /** When the first change was made that is not committed yet. */
  #changedAt: number | undefined
  /** When the newest accepted commit was sent; before there is one, when this was made. */
  #renewedAt: number
  #cancelTimer: (() => void) | undefined
  #trouble: string | undefined = 'starting'
  readonly #outage: OutageLog
  #state: 'starting' | 'running' | 'stopped' = 'starting'

  constructor(private readonly options: CommitterOptions) {
    const { clock, logger } = options
    this.#renewedAt = clock.now()
    this.#outage = new OutageLog(clock, (phase, fields) => log(logger, `engine_outage_${phase}`, fields))
  }

  /**
   * The engine is open: commits what was requested before. Resolves when this first commit has succeeded or failed;
   * until one succeeds, `trouble` is set.
   */
  start(): Promise<void> {
    this.#state = 'running'
    return this.#commit()
  }

  stop(): void {
    this.#state = 'stopped'
    this.#trouble = 'stopping'
    this.#cancelTimer?.()
  }

  /** Why commits do not reach the cluster, in words that anyone may read; undefined if they do. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** How long ago, in ms, the newest accepted commit was sent. */
  get leaseAge(): number {
    return this.options.clock.now() - this.#renewedAt
  }

  /** Whether changes wait for a commit, or one is in flight. */
  get isCommitting(): boolean {
    return this.#committing || this.#pending
  }

  /** Schedules a commit: the tracker has changes. Before `start`, they wait for it. */
  requestCommit(): void {
    if (this.#pending || this.#state === 'stopped') return
    this.#pending = true
    this.#changedAt ??= this.options.clock.now()
    if (this.#state === 'starting') return
    const interval = this.#trouble === undefined ? this.options.commitInterval : failingInterval
    const wait = this.#lastCommit + interval - this.options.clock.now()
    if (wait > 0) this.#schedule(wait)
    else this.options.turn.run(() => void this.#commit())
  }

  get #renewal(): number {
    return this.options.lease / renewalsPerLease
  }

  #schedule(ms: number): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.options.clock.after(ms, () => void this.#commit())
  }

  async #commit(): Promise<void> {
    if (this.#committing || this.#state === 'stopped') return
    const { tracker, clock, interval } = this.options
    this.#committing = true
    this.#pending = false
    const start = clock.now()
    this.#lastCommit = start
    const since = this.#changedAt ?? start
    this.#changedAt = undefined
    const changes = tracker.take(interval)
    try {
      const outcome = await this.options.commit(changes, since)
      this.#committing = false
      this.#renewedAt = start
      this.options.metrics.observe('commit', (clock.now() - start) / 1000)
      if (this.#state === 'running') this.#committed(outcome)
    } catch (error) {
      tracker.restore(changes)
      this.#changedAt = since
      this.#committing = false
      if (this.#state === 'running') this.#failed(errorText(error))
    }
  }

  #committed(outcome: 'kept' | 'lost'): void {
    const { logger, metrics, tracker } = this.options
    metrics.count('commits')
    this.#outage.ended()
    this.#trouble = undefined
    const changedMeanwhile = this.#pending
    this.#pending = false
    if (outcome === 'lost') {
      metrics.count('commits_lost')
      log(logger, 'replica_lost')
      tracker.markAll()
      this.#schedule(failingInterval)
    } else if (changedMeanwhile) this.requestCommit()
    else this.#schedule(this.#renewal)
  }

  #failed(reason: string): void {
    this.options.metrics.count('commits_failed')
    this.#outage.failed(reason)
    this.#trouble = 'engine unreachable'
    this.#pending = false
    this.#schedule(Math.min(this.#renewal, maxRetryDelay))
  }
}

import type { Change, Engine, PersonKey, Topic } from '../engine/engine.js'
import type { Clock } from '../runtime/clock.js'
import type { Logger } from '../runtime/logger.js'
import type { Metrics } from '../runtime/metrics.js'
import type { Turn } from '../runtime/turn.js'
import { type Move, type Presence, Tracker } from './tracker.js'

export interface CommitterOptions {
  readonly engine: Engine
  readonly groups: number
  /** How long, in ms, the cluster counts this replica without hearing from it. */
  readonly lease: number
  readonly clock: Clock
  readonly turn: Turn
  readonly logger: Logger
  readonly metrics: Metrics
  /** The flush interval of a topic on this replica, in ms. */
  interval(topic: Topic): number
}

/** How many renewals fit in a lease: one may be lost, and one late. */
const renewalsPerLease = 4

/** While the cluster cannot be told, or forgets, every commit says much again: not more often than this, in ms. */
const troubledWindow = 100

/**
 * After so long, in ms, an arrival that may end what grace holds elsewhere is said again: the other replica's word of
 * whom it holds may have come after ours, if it was gathering (`Engine.window`) when its client left.
 */
const echo = 250

/** The way out: what this replica holds, said to the cluster, whenever it moves and before the lease ends. */
export class Committer {
  readonly #o: CommitterOptions
  readonly #tracker: Tracker
  #committing = false
  #due = false
  #committedAt = Number.NEGATIVE_INFINITY
  #undoCommit: (() => void) | undefined
  #undoExpiry: (() => void) | undefined
  #expiryAt = Number.POSITIVE_INFINITY
  /** Who is to be said again, the first to be first. */
  #echoes: { readonly at: number; readonly topic: Topic; readonly key: PersonKey }[] = []
  #undoEcho: (() => void) | undefined
  #trouble: string | undefined = 'starting'
  #stopped = false

  constructor(options: CommitterOptions) {
    this.#o = options
    this.#tracker = new Tracker(options.groups)
  }

  start(): void {
    this.#trouble = undefined
    this.#schedule(this.#renewal)
  }

  stop(): void {
    this.#stopped = true
    this.#trouble = 'stopping'
    this.#undoCommit?.()
    this.#undoExpiry?.()
    this.#undoEcho?.()
  }

  /** Why the cluster does not hear of this replica just now, or undefined. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  track(topic: Topic, presence: Presence): void {
    this.#tracker.track(topic, presence)
    this.#changed()
    const { person, device } = presence
    if (person === null || device === null || this.#stopped) return
    this.#echoes.push({ at: this.#o.clock.now() + echo, topic, key: person })
    if (this.#undoEcho === undefined) this.#echoIn(echo)
  }

  /** @param grace in ms; see `Tracker.untrack`. */
  untrack(topic: Topic, presence: Presence, grace: number): void {
    const now = this.#o.clock.now()
    this.#tracker.untrack(topic, presence, grace, now)
    if (grace > 0 && presence.person !== null) this.#expireAt(now + grace)
    this.#changed()
  }

  get #renewal(): number {
    return this.#o.lease / renewalsPerLease
  }

  #changed(): void {
    if (this.#due || this.#stopped) return
    this.#due = true
    const window = this.#trouble === undefined ? (this.#o.engine.window ?? 0) : troubledWindow
    const wait = window - (this.#o.clock.now() - this.#committedAt)
    if (wait > 0) this.#schedule(wait)
    else this.#o.turn.work(() => void this.#commit())
  }

  #schedule(ms: number): void {
    this.#undoCommit?.()
    this.#undoCommit = this.#o.clock.after(ms, () => void this.#commit())
  }

  async #commit(): Promise<void> {
    if (this.#committing || this.#stopped) return
    this.#committing = true
    this.#due = false
    this.#committedAt = this.#o.clock.now()
    const moves = this.#tracker.take()
    try {
      const answer = await this.#o.engine.commit(moves.map((move) => this.#change(move)))
      this.#settled(undefined, answer)
    } catch (error) {
      this.#tracker.untake(moves)
      this.#settled(error instanceof Error ? error.message : String(error))
    }
  }

  #settled(trouble: string | undefined, answer?: 'kept' | 'lost'): void {
    this.#committing = false
    if (this.#stopped) return
    const { logger, metrics } = this.#o
    if (trouble !== undefined && this.#trouble === undefined) {
      logger.warn({ reason: trouble }, 'the cluster cannot be told; local counts go on')
    } else if (trouble === undefined && this.#trouble !== undefined) {
      logger.info({}, 'the cluster is told again')
    }
    this.#trouble = trouble
    metrics.count(trouble === undefined ? 'commits' : 'commits_failed')
    if (answer === 'lost') {
      metrics.count('commits_lost')
      logger.warn({}, 'the cluster has forgotten this replica; saying everything anew')
      this.#tracker.moveAll()
    }
    // A change that came while the commit was on its way has found it busy.
    const again = this.#due && trouble === undefined && answer === 'kept'
    this.#due = false
    if (again) this.#changed()
    else this.#schedule(this.#nextCommit(trouble, answer))
  }

  #nextCommit(trouble: string | undefined, answer: 'kept' | 'lost' | undefined): number {
    if (answer === 'lost') return troubledWindow
    return trouble === undefined ? this.#renewal : Math.min(this.#renewal, 1000)
  }

  #change(move: Move): Change {
    return { ...move, interval: this.#o.interval(move.topic) }
  }

  #echoIn(ms: number): void {
    this.#undoEcho = this.#o.clock.after(ms, () => {
      this.#undoEcho = undefined
      const now = this.#o.clock.now()
      const rest = this.#echoes.findIndex(({ at }) => at > now)
      const due = this.#echoes.splice(0, rest < 0 ? this.#echoes.length : rest)
      for (const { topic, key } of due) this.#tracker.repeat(topic, key)
      if (due.length > 0) this.#changed()
      const [next] = this.#echoes
      // What comes meanwhile waits for it too: there is no hurry.
      if (next !== undefined) this.#echoIn(Math.max(1, Math.ceil(next.at - now)))
    })
  }

  #expireAt(at: number): void {
    if (at >= this.#expiryAt || this.#stopped) return
    this.#undoExpiry?.()
    this.#expiryAt = at
    const wait = Math.max(0, Math.ceil(at - this.#o.clock.now()))
    this.#undoExpiry = this.#o.clock.after(wait, () => {
      this.#expiryAt = Number.POSITIVE_INFINITY
      const next = this.#tracker.expire(this.#o.clock.now())
      if (next !== undefined) this.#expireAt(next)
      this.#changed()
    })
  }
}

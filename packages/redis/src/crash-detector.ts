import type { Clock } from '@headcount/core'

/** Another replica with a lease. */
export interface ReplicaPresence {
  readonly replica: string
  readonly newestCommit: string
  /** It subscribes to its own presence channel. */
  readonly subscribed: boolean
  /** It did so once. */
  readonly hadSubscribed: boolean
}

export interface CrashDetectorOptions {
  readonly clock: Clock
  readonly random: () => number
  /** In ms. */
  readonly lease: number
  /** Asks Redis which replicas subscribe to their presence channel. */
  check(): Promise<{ readonly own: boolean; readonly others: readonly ReplicaPresence[] }>
  /** Removes a replica, unless it has committed since. */
  expire(replica: string, newestCommit: string): Promise<void>
  /** This replica's own subscription is on another server than the one that `check` asks. */
  misplaced(): void
}

/** Time, in ms, between two checks with few replicas. */
const interval = 500
/** With many replicas each one checks less often, so that all of them together check 40 times a second at most. */
const intervalPerReplica = 25
/** How long, in ms, a subscription must be missing: a replica that reconnects subscribes again sooner. */
const confirmation = 500
/**
 * The share of a lease after which a replica without a subscription, which may be about to subscribe again, has exited
 * if it has not committed. A live one commits four times per lease.
 */
const silentShare = 0.3

/**
 * Detects that other processes have exited, before their leases expire. The kernel of a process that exits closes its
 * connections, so its subscription to its own presence channel ends. An outage of Redis ends all of them at once, so a
 * subscription that ended before this replica's own one began may be about to begin again: such a replica has exited
 * only if it does not commit either.
 */
export class CrashDetector {
  /** No check has succeeded since the own subscription began. */
  #isFirst = true
  /** Replicas without a subscription at the first check: their newest commit, and since when it has been that. */
  readonly #unsettled = new Map<string, { readonly newestCommit: string; readonly since: number }>()
  /** Replicas whose subscription was missing at the last check, with their newest commit then. */
  #suspects = new Map<string, string>()
  #misplaced = false
  /** Grows with each reset: a check that was in flight during one is stale. */
  #generation = 0
  #cancelTimer: (() => void) | undefined
  #closed = false

  constructor(private readonly options: CrashDetectorOptions) {}

  start(): void {
    this.#schedule(0)
  }

  /** Resets the state: this replica's own subscription was interrupted, so those of others may have been, too. */
  reset(): void {
    this.#generation += 1
    this.#isFirst = true
    this.#unsettled.clear()
    this.#suspects.clear()
    this.#misplaced = false
  }

  close(): void {
    this.#closed = true
    this.#cancelTimer?.()
  }

  #schedule(ms: number): void {
    if (!this.#closed) this.#cancelTimer = this.options.clock.after(ms, () => void this.#check())
  }

  async #check(): Promise<void> {
    const generation = this.#generation
    const { clock, random, check } = this.options
    const startedAt = clock.now()
    const reply = await check().catch(() => undefined)
    if (reply === undefined || generation !== this.#generation) this.#suspects.clear()
    else if (reply.own) await this.#expireMissing(reply.others)
    else this.#lostOwn()
    if (this.#suspects.size > 0) return this.#schedule(confirmation)
    const spread = 0.75 + random() / 2
    const next = Math.max(interval, intervalPerReplica * (reply?.others.length ?? 0)) * spread
    this.#schedule(Math.max(0, startedAt + next - clock.now()))
  }

  async #expireMissing(others: readonly ReplicaPresence[]): Promise<void> {
    this.#misplaced = false
    const suspects = new Map<string, string>()
    const crashed: ReplicaPresence[] = []
    for (const other of others) {
      const { replica, newestCommit } = other
      if (!this.#isMissing(other)) continue
      if (this.#suspects.get(replica) === newestCommit) crashed.push(other)
      else suspects.set(replica, newestCommit)
    }
    this.#isFirst = false
    const leased = new Set(others.map(({ replica }) => replica))
    for (const replica of this.#unsettled.keys()) if (!leased.has(replica)) this.#unsettled.delete(replica)
    this.#suspects = suspects
    for (const { replica, newestCommit } of crashed) {
      // If this fails, its lease expires, as for a machine that vanished.
      await this.options.expire(replica, newestCommit).catch(() => {})
    }
  }

  /** Whether its subscription has ended, and it is not about to subscribe again. */
  #isMissing({ replica, newestCommit, subscribed, hadSubscribed }: ReplicaPresence): boolean {
    if (subscribed) this.#unsettled.delete(replica)
    if (subscribed || !hadSubscribed) return false
    const now = this.options.clock.now()
    const unsettled = this.#unsettled.get(replica)
    if (unsettled === undefined && !this.#isFirst) return true
    if (unsettled?.newestCommit === newestCommit) return now - unsettled.since >= silentShare * this.options.lease
    this.#unsettled.set(replica, { newestCommit, since: now })
    return false
  }

  #lostOwn(): void {
    const again = this.#misplaced
    this.reset()
    this.#misplaced = !again
    if (again) this.options.misplaced()
  }
}

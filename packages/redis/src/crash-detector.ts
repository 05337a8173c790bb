import type { Clock } from '@headcount/core'

/** Another replica with a lease. */
export interface ReplicaPresence {
  readonly replica: string
  readonly newestCommit: string
  /** It subscribes to its own presence channel. */
  readonly subscribed: boolean
}

export interface CrashDetectorOptions {
  readonly clock: Clock
  readonly random: () => number
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
 * Detects that other processes have exited, before their leases expire. The kernel of a process that exits closes its
 * connections, so its subscription to its own presence channel ends. Only a subscription that this replica has seen,
 * and that ended while its own one lasted, counts: an outage of Redis ends all of them at once.
 */
export class CrashDetector {
  readonly #seen = new Set<string>()
  /** Replicas whose subscription was missing at the last check, with their newest commit then. */
  #suspects = new Map<string, string>()
  #misplaced = false
  /** Grows with each reset: a check that was in flight during one is stale. */
  #generation = 0
  #cancelTimer: (() => void) | undefined
  #closed = false

  constructor(private readonly options: CrashDetectorOptions) {}

  start(): void {
    this.#schedule(interval)
  }

  /** Resets the state: this replica's own subscription was interrupted, so those of others may have been, too. */
  reset(): void {
    this.#generation += 1
    this.#seen.clear()
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
      const { replica, newestCommit, subscribed } = other
      if (subscribed) this.#seen.add(replica)
      else if (this.#suspects.get(replica) === newestCommit) crashed.push(other)
      else if (this.#seen.has(replica)) suspects.set(replica, newestCommit)
    }
    const leased = new Set(others.map(({ replica }) => replica))
    for (const replica of this.#seen) if (!leased.has(replica)) this.#seen.delete(replica)
    this.#suspects = suspects
    for (const { replica, newestCommit } of crashed) {
      this.#seen.delete(replica)
      // If this fails, its lease expires, as for a machine that vanished.
      await this.options.expire(replica, newestCommit).catch(() => {})
    }
  }

  #lostOwn(): void {
    const again = this.#misplaced
    this.reset()
    this.#misplaced = !again
    if (again) this.options.misplaced()
  }
}

import type { LeaseEnd } from './commit-script.js'
import { expire } from './expire.js'
import { replicaOf } from './keys.js'
import { log } from './log-events.js'
import type { SlotContext } from './slot-context.js'

/** A slot whose expired replicas are removed. */
export interface ExpiringSlot extends SlotContext {
  readonly expiry: SlotExpiry
}

/** Removes the other replicas of one slot whose leases have expired. Every replica does so; the first one succeeds. */
export class SlotExpiry {
  #cancelTimer: (() => void) | undefined
  #closed = false

  /** @param removed called after a replica was removed: the caller watches the next one. */
  constructor(
    private readonly context: SlotContext,
    private readonly removed: () => void,
  ) {}

  /** Waits for the end of another replica's lease, in place of the one before. */
  watch(next: LeaseEnd | undefined): void {
    this.#cancelTimer?.()
    if (next === undefined || this.#closed) return
    const { clock, random, warmUp, renewalMargin, lease, ttl } = this.context
    const spread = (random() * lease) / 100
    const wait = Math.max(0, next.ms + renewalMargin + spread, warmUp.until - clock.now())
    // A lease may expire in a month, if a clock was wrong: it is checked again sooner.
    this.#cancelTimer = clock.after(Math.min(wait, ttl), () => {
      // Retried at the next renewal.
      this.#expire(next.replica).catch(() => {})
    })
  }

  /** Removes a replica, unless it is too soon after an outage. Returns whether it tried to. */
  async expireNow(replica: string): Promise<boolean> {
    const { clock, warmUp } = this.context
    if (clock.now() < warmUp.until) return false
    await this.#expire(replica)
    return true
  }

  close(): void {
    this.#closed = true
    this.#cancelTimer?.()
  }

  async #expire(replica: string): Promise<void> {
    const live = await expire(this.context, replica, 'expired')
    if (live !== undefined) return this.watch(live)
    const { logger, slot } = this.context
    log(logger, 'replica_expired', { replica: replicaOf(replica), slot })
    if (!this.#closed) this.removed()
  }
}

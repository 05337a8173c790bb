import { errorText } from '@headcount/core'
import type { SlotContext } from './slot-context.js'

/** Replies of a Redis that is not a master, or not yet: its network address or name may now belong to another one. */
const refusal = /\b(READONLY|LOADING|MASTERDOWN)\b/

/** How long, in ms, such replies are considered temporary. */
const patience = 1_000

/** Drops a connection whose Redis refuses commits, so that the client connects to the current master. */
export class Refusals {
  #since: number | undefined

  constructor(readonly context: SlotContext) {}

  failed(error: unknown): void {
    const { clock, commands, slotKeys } = this.context
    if (!refusal.test(errorText(error))) return
    this.#since ??= clock.now()
    if (clock.now() - this.#since < patience) return
    this.#since = undefined
    // Rejects if the connection was closed in the meantime.
    commands.reconnect(slotKeys.leases).catch(() => {})
  }

  /** A commit was accepted. */
  ended(): void {
    this.#since = undefined
  }
}

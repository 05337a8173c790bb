import { errorText } from '@headcount/core'
import type { SlotContext } from './slot-context.js'

/** Replies of a Redis that is no master, or not yet: a network address or name may lead to another one by now. */
const refusal = /\b(READONLY|LOADING|MASTERDOWN)\b/

/** How long, in ms, such replies are taken for a moment that passes. */
const patience = 1_000

/** Drops a connection whose Redis refuses commits, so that the next one is made to the Redis that serves us now. */
export class Refusals {
  #since: number | undefined

  constructor(readonly context: SlotContext) {}

  /** A commit failed. */
  failed(error: unknown): void {
    const { clock, commands, slotKeys } = this.context
    if (!refusal.test(errorText(error))) return
    this.#since ??= clock.now()
    if (clock.now() - this.#since < patience) return
    this.#since = undefined
    // Where the connection was closed meanwhile, this rejects.
    commands.reconnect(slotKeys.leases).catch(() => {})
  }

  /** A commit was accepted. */
  ended(): void {
    this.#since = undefined
  }
}

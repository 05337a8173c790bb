import { errorText } from '@headcount/core'
import type { SlotContext } from './slot-context.js'

/** Replies of a Redis that is not a master, or not yet: its network address or name may now belong to another one. */
const refusal = /\b(READONLY|LOADING|MASTERDOWN)\b/

/** How long, in ms, such replies are considered temporary. */
const maxDuration = 1_000

/** Drops a connection whose Redis refuses commits, so that the client connects to the current master. */
export class Refusals {
  #since: number | undefined

  constructor(readonly context: SlotContext) {}

  failed(error: unknown): void {
    const { clock, commands, slotKeys } = this.context
    if (!refusal.test(errorText(error))) return
    this.#since ??= clock.now()
    if (clock.now() - this.#since < maxDuration) return
    this.#since = undefined
    // Redis closes the connection, so that the client reconnects. Rejects if it was closed in the meantime.
    commands.send(slotKeys.leases, ['QUIT']).catch(() => {})
  }

  /** A commit was accepted. */
  ended(): void {
    this.#since = undefined
  }
}

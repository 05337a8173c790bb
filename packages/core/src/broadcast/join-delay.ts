import { sumOf } from '@headcount/protocol'
import type { Change } from '../engine/engine.js'

/**
 * How long it takes until all subscribers of a topic have been sent a join of this replica. It is an estimate: the
 * first broadcast after the commit of a join is assumed to show it, even if another change caused that broadcast.
 */
export class JoinDelay {
  /** The connections of this replica as of the newest commit. */
  #own = 0
  /** When the first join was made that no broadcast has shown yet. */
  #joinedAt: number | undefined
  /** When the first join was made that the current broadcast shows. */
  #broadcastAt: number | undefined

  /** A change is about to be committed. @param since when it was made, in ms. */
  committing({ counts, people }: Change, since: number): void {
    const own = sumOf(counts)
    if (own > this.#own || people.some(({ group }) => group !== null)) this.#joinedAt ??= since
    this.#own = own
  }

  /** The joins so far did not change the counts: a person who was present already has joined again. */
  showsAll(): void {
    this.#joinedAt = undefined
  }

  broadcastStarted(): void {
    this.#broadcastAt = this.#joinedAt
    this.#joinedAt = undefined
  }

  /** Returns when the first join that the broadcast shows was made; undefined if it shows none. */
  broadcastEnded(): number | undefined {
    const at = this.#broadcastAt
    this.#broadcastAt = undefined
    return at
  }
}

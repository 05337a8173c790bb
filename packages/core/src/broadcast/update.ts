import { encodeCounts, encodeDiff, encodeState, type Group, type Ref, type Totals, type Vsn } from '@headcount/protocol'
import type { Topic } from '../engine/engine.js'

/**
 * What a topic's subscribers are told at one flush: the committed counts and what moved to get there. Each form is
 * encoded once, when first asked for, and shared by all who are told.
 */
export class News {
  readonly #groups: readonly Group[]
  readonly #joins: Totals
  readonly #leaves: Totals
  #counts: string | undefined
  #diffs: [string | undefined, string | undefined] = [undefined, undefined]

  constructor(
    groups: readonly Group[],
    readonly topic: Topic,
    before: Totals,
    readonly totals: Totals,
  ) {
    this.#groups = groups
    this.#joins = totals.map((count, g) => Math.max(0, count - (before[g] ?? 0)))
    this.#leaves = totals.map((count, g) => Math.max(0, (before[g] ?? 0) - count))
  }

  /** The whole counts as JSON. */
  get counts(): string {
    this.#counts ??= encodeCounts(this.#groups, this.totals)
    return this.#counts
  }

  /** `presence_state` for one channel. */
  state(vsn: Vsn, joinRef: Ref): string {
    return encodeState(vsn, joinRef, this.topic, this.counts)
  }

  /** `presence_diff`, the same bytes for every channel of that version. */
  diff(vsn: Vsn): string {
    let diff = this.#diffs[vsn - 1]
    if (diff === undefined) {
      const joins = encodeCounts(this.#groups, this.#joins)
      const leaves = encodeCounts(this.#groups, this.#leaves)
      diff = encodeDiff(vsn, this.topic, joins, leaves, this.counts)
      this.#diffs[vsn - 1] = diff
    }
    return diff
  }
}

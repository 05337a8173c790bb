import { encodeCounts, encodeDiff, encodeState, type Group, type Ref, type Totals, type Vsn } from '@headcount/protocol'
import type { Topic } from '../engine/engine.js'

/**
 * The counts that a topic's subscribers are sent in one flush, and the diff that led to them. Each text is encoded
 * once, when first needed, and shared by all subscribers.
 */
export class Update {
  #counts: string | undefined
  readonly #diffs: [string | undefined, string | undefined] = [undefined, undefined]

  constructor(
    private readonly groups: readonly Group[],
    readonly topic: Topic,
    private readonly before: Totals,
    readonly totals: Totals,
    /** The smallest count that the topic shows as a number; 0 if it shows all. */
    readonly below = 0,
  ) {}

  /** The counts as JSON: `{"users":{"count":12},"viewers":{"count":340}}`. */
  get counts(): string {
    this.#counts ??= encodeCounts(this.groups, this.totals, this.below)
    return this.#counts
  }

  /** The text of `presence_state` for one channel. */
  state(vsn: Vsn, joinRef: Ref): string {
    return encodeState(vsn, joinRef, this.topic, this.counts)
  }

  /** The text of `presence_diff`: the same string for every channel of that protocol version. */
  diff(vsn: Vsn): string {
    let diff = this.#diffs[vsn - 1]
    if (diff === undefined) {
      diff = encodeDiff(vsn, this.topic, this.#risenBy(1), this.#risenBy(-1), this.counts)
      this.#diffs[vsn - 1] = diff
    }
    return diff
  }

  /** The increases as JSON, or with a `sign` of -1 the decreases. */
  #risenBy(sign: 1 | -1): string {
    const deltas = this.totals.map((count, g) => Math.max(0, sign * (count - (this.before[g] ?? 0))))
    return encodeCounts(this.groups, deltas)
  }
}

import { zeroTotals } from '@headcount/protocol'
import type { Topic } from '../engine/engine.js'
import type { Sample } from '../runtime/metrics.js'

/** How many presences this replica has, by the pattern of their topic and by group. */
export class Tallies {
  readonly #byPattern = new Map<string | undefined, number[]>()

  /**
   * @param groups the names of the groups.
   * @param pattern returns the pattern of a topic; undefined for one that is in no metric.
   */
  constructor(
    readonly groups: readonly string[],
    readonly pattern: (topic: Topic) => string | undefined,
  ) {}

  /** The numbers, by group, to which the presences of a topic are added. */
  readonly of = (topic: Topic): number[] => {
    const pattern = this.pattern(topic)
    let tally = this.#byPattern.get(pattern)
    if (tally === undefined) {
      tally = zeroTotals(this.groups.length)
      this.#byPattern.set(pattern, tally)
    }
    return tally
  }

  /** One sample for each pattern and group that had a presence. */
  get samples(): Sample[] {
    return [...this.#byPattern].flatMap(([pattern, tally]) =>
      pattern === undefined ? [] : this.groups.map((group, g) => ({ labels: [pattern, group], value: tally[g]! })),
    )
  }
}

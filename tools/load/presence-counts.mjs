/** @typedef {Record<string, { count: number }>} Counts `{ "users": { "count": 12 }, "viewers": { "count": 340 } }` */

/** Maximum number of recorded faults: one is enough to fail a test. */
const maxFaults = 5

/**
 * The counts of one topic on a page that reduces events like the article "Display channel users count with
 * Elixir/Phoenix + React/Redux" (2018): `presence_state` replaces the counts, `presence_diff` adds `joins - leaves`.
 * The counts are correct only if every change arrived exactly once; any violation is recorded as a fault.
 */
export class PresenceCounts {
  /** Undefined before the first state. @type {Counts | undefined} */
  counts
  diffs = 0
  /** @type {string[]} */
  faults = []

  /** The sum over all groups; -1 before the first state. */
  get total() {
    if (this.counts === undefined) return -1
    let sum = 0
    for (const group in this.counts) sum += this.counts[group]?.count ?? 0
    return sum
  }

  /** @param {Counts} counts of every group. */
  shows(counts) {
    return Object.keys(counts).every((group) => this.counts?.[group]?.count === counts[group]?.count)
  }

  /** Applies one event of the topic. Others change nothing. @param {string} event @param {any} payload */
  apply(event, payload) {
    if (event === 'presence_state') this.counts = payload
    else if (event === 'presence_diff') {
      this.diffs++
      if (this.counts === undefined) this.#fault('a diff came before the state')
      else this.#add(this.counts, payload)
    }
  }

  /**
   * @param {Counts} before
   * @param {{ joins: Counts, leaves: Counts, counts?: Counts }} diff `counts`: the totals after it; Phoenix sends none.
   */
  #add(before, { joins, leaves, counts }) {
    const after = { ...before }
    for (const group in joins) {
      const count = (before[group]?.count ?? 0) + (joins[group]?.count ?? 0) - (leaves[group]?.count ?? 0)
      const stated = counts === undefined ? count : counts[group]?.count
      if (!(count >= 0) || count !== stated) this.#fault(`${count} ${group} after a diff that ends with ${stated}`)
      after[group] = { count }
    }
    this.counts = after
  }

  /** @param {string} text */
  #fault(text) {
    if (this.faults.length < maxFaults) this.faults.push(text)
  }
}

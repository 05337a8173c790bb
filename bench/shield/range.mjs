/** An attacker's knowledge of the number of visitors: a range. */
export class Range {
  low = 0
  high = Number.POSITIVE_INFINITY

  /**
   * Learns that `shown` includes the visitors and `own` presences of the attacker. If that contradicts the range, the
   * number has changed, so it starts over.
   *
   * @param {number} shown @param {number} step of the shield @param {number} own
   */
  learn(shown, step, own = 0) {
    const low = Math.max(0, shown - own)
    const high = Math.max(0, shown + step - 1 - own)
    const isNew = low > this.high || high < this.low
    this.low = isNew ? low : Math.max(low, this.low)
    this.high = isNew ? high : Math.min(high, this.high)
  }

  get isExact() {
    return this.low === this.high
  }

  /** The best guess. */
  get middle() {
    return Math.floor((this.low + this.high) / 2)
  }
}

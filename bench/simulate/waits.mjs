/** Waits in ms by how often they came, to a fiftieth. */
export class Waits {
  /** @type {Map<number, number>} */
  #often = new Map()

  /** @param {number} ms @param {number} times */
  add(ms, times) {
    const step = Math.round(Math.log(Math.max(ms, 0.1)) * 50)
    this.#often.set(step, (this.#often.get(step) ?? 0) + times)
  }

  /** The wait that so large a share of all is no longer than. NaN of none. @param {number} share */
  quantile(share) {
    const steps = [...this.#often].sort(([a], [b]) => a - b)
    let rest = steps.reduce((sum, [, times]) => sum + times, 0) * share
    for (const [step, times] of steps) {
      rest -= times
      if (rest <= 0) return Math.exp(step / 50)
    }
    return Number.NaN
  }
}

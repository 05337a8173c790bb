/** What is to happen and when: the soonest first (a binary heap over plain numbers, so that millions cost little). */
export class Agenda {
  /** @type {number[]} */
  #at = []
  /** @type {number[]} */
  #kind = []
  /** @type {number[]} */
  #a = []
  /** @type {number[]} */
  #b = []

  get size() {
    return this.#at.length
  }

  /**
   * @param {number} at In ms.
   * @param {number} kind
   * @param {number} [a]
   * @param {number} [b]
   */
  add(at, kind, a = 0, b = 0) {
    let hole = this.#at.length
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (this.#time(parent) <= at) break
      this.#move(parent, hole)
      hole = parent
    }
    this.#put(hole, at, kind, a, b)
  }

  /** Takes the soonest out. Undefined where there is none. */
  next() {
    const last = this.#at.length - 1
    if (last < 0) return undefined
    const first = this.#get(0)
    const { at, kind, a, b } = this.#get(last)
    for (const column of [this.#at, this.#kind, this.#a, this.#b]) column.pop()
    if (last === 0) return first
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= last) break
      if (child + 1 < last && this.#time(child + 1) < this.#time(child)) child++
      if (this.#time(child) >= at) break
      this.#move(child, hole)
      hole = child
    }
    this.#put(hole, at, kind, a, b)
    return first
  }

  /** @param {number} i */
  #time(i) {
    return /** @type {number} */ (this.#at[i])
  }

  /** @param {number} i */
  #get(i) {
    return {
      at: this.#time(i),
      kind: /** @type {number} */ (this.#kind[i]),
      a: /** @type {number} */ (this.#a[i]),
      b: /** @type {number} */ (this.#b[i]),
    }
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #move(from, to) {
    const { at, kind, a, b } = this.#get(from)
    this.#put(to, at, kind, a, b)
  }

  /**
   * @param {number} i
   * @param {number} at
   * @param {number} kind
   * @param {number} a
   * @param {number} b
   */
  #put(i, at, kind, a, b) {
    this.#at[i] = at
    this.#kind[i] = kind
    this.#a[i] = a
    this.#b[i] = b
  }
}

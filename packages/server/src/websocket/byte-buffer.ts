/** Bytes that come bit by bit. Room grows twofold, so that a client that drips costs no more than what it has sent. */
export class Gathered {
  #bytes = Buffer.allocUnsafe(0)
  #size = 0

  get size(): number {
    return this.#size
  }

  add(bytes: Buffer): this {
    const size = this.#size + bytes.length
    if (size > this.#bytes.length) {
      const roomier = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.#bytes.length))
      this.#bytes.copy(roomier, 0, 0, this.#size)
      this.#bytes = roomier
    }
    bytes.copy(this.#bytes, this.#size)
    this.#size = size
    return this
  }

  /** All of them. They are the caller's from now on. */
  get all(): Buffer {
    return this.#bytes.subarray(0, this.#size)
  }
}

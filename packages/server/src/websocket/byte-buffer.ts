/** A growing buffer. Its capacity doubles, so that many small pieces cost no more than their bytes. */
export class ByteBuffer {
  #buffer = Buffer.allocUnsafe(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  append(bytes: Buffer): this {
    const length = this.#length + bytes.length
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    bytes.copy(this.#buffer, this.#length)
    this.#length = length
    return this
  }

  /** Everything that was appended. A view: valid until the next `append`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }
}

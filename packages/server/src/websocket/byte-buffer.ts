/** A growing buffer. Its capacity doubles, so that appending many small pieces takes linear time. */
export class ByteBuffer {
  #storage = Buffer.allocUnsafe(0)
  /** Everything that was appended. Valid until the next `append`. */
  bytes = this.#storage

  append(piece: Buffer): this {
    const length = this.bytes.length + piece.length
    if (length > this.#storage.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#storage.length))
      this.bytes.copy(larger)
      this.#storage = larger
    }
    piece.copy(this.#storage, this.bytes.length)
    this.bytes = this.#storage.subarray(0, length)
    return this
  }
}

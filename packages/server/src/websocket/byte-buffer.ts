/** A growing buffer. Its capacity doubles, so that appending many small pieces takes linear time. */
export class ByteBuffer {
  #storage = Buffer.allocUnsafe(0)
  /** Everything that was appended. Valid until the next `append`. */
  bytes = this.#storage

  append(piece: Buffer): this {
    if (piece.length === 0) return this
    const length = this.bytes.length + piece.length
    let start = this.bytes.byteOffset - this.#storage.byteOffset
    if (start + length > this.#storage.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.bytes.length))
      this.bytes.copy(larger)
      this.#storage = larger
      start = 0
    }
    piece.copy(this.#storage, start + this.bytes.length)
    this.bytes = this.#storage.subarray(start, start + length)
    return this
  }

  /** Removes bytes from the front. The rest stays where it is. */
  drop(length: number): void {
    this.bytes = this.bytes.subarray(length)
  }
}

/** The streams that are open on a server. */
export class OpenStreams {
  readonly #ends = new Set<() => void>()
  #isClosed = false

  /** @param max how many may be open at a time. */
  constructor(readonly max: number) {}

  get size(): number {
    return this.#ends.size
  }

  /** True after `close`: no stream may be opened. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Adds a stream. Returns a function that removes it. */
  add(end: () => void): () => void {
    this.#ends.add(end)
    return () => void this.#ends.delete(end)
  }

  /** Ends every stream. */
  close(): void {
    this.#isClosed = true
    for (const end of this.#ends) end()
  }
}

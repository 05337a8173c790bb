/** Those who want to hear that something changed. */
export class Listeners {
  readonly #all = new Set<{ readonly call: () => void }>()

  get size(): number {
    return this.#all.size
  }

  /** Returns the undo, which may be called twice. The same function may listen twice. */
  subscribe(call: () => void): () => void {
    const listener = { call }
    this.#all.add(listener)
    return () => {
      this.#all.delete(listener)
    }
  }

  notify(): void {
    for (const listener of [...this.#all]) listener.call()
  }
}

/** A list of callbacks without arguments. */
export class Listeners {
  readonly #all = new Set<{ readonly call: () => void }>()

  get size(): number {
    return this.#all.size
  }

  /** Returns a function that unsubscribes; calling it twice is a no-op. A function may be subscribed several times. */
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

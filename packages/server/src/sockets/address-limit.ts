const noop = (): void => {}

/** Limits the open sockets and counted streams of one network address. Keeps addresses only in memory. */
export class AddressLimit {
  readonly #open = new Map<string, number>()

  /** @param max 0 for no limit. */
  constructor(private readonly max: number) {}

  /** @param address null if it is not known: there is no limit then. */
  isFull(address: string | null): boolean {
    return this.max > 0 && address !== null && (this.#open.get(address) ?? 0) >= this.max
  }

  /** Takes a place, even if none is left. Returns a function that frees it, to be called once. */
  take(address: string | null): () => void {
    if (this.max === 0 || address === null) return noop
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1)
    return () => {
      const left = (this.#open.get(address) ?? 1) - 1
      if (left === 0) this.#open.delete(address)
      else this.#open.set(address, left)
    }
  }
}

const noop = (): void => {}

/** Bounds how many sockets and counted streams one network address has open. Keeps addresses in memory alone. */
export class AddressLimit {
  readonly #max: number
  readonly #open = new Map<string, number>()

  /** @param max 0 for no limit. */
  constructor(max: number) {
    this.#max = max
  }

  /** @param address null where it is not known: there is no limit then. */
  isFull(address: string | null): boolean {
    return this.#max > 0 && address !== null && (this.#open.get(address) ?? 0) >= this.#max
  }

  /** Takes a place, also where there is none left. Returns a function that gives it back, and is called once. */
  take(address: string | null): () => void {
    if (this.#max === 0 || address === null) return noop
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1)
    return () => {
      const left = (this.#open.get(address) ?? 1) - 1
      if (left === 0) this.#open.delete(address)
      else this.#open.set(address, left)
    }
  }
}

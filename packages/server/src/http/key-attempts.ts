import type { Clock } from '@headcount/core'

interface Failures {
  readonly size: number
  /** When the next attempt is allowed. */
  readonly until: number
  readonly failedAt: number
}

/** Consecutive wrong keys that cause no wait: a person may mistype. */
const free = 5
/** The first wait, in ms, which doubles with each further wrong key, and the longest. */
const firstWait = 1_000
const maxWait = 60_000
/** After this time, in ms, without a wrong key an address is reset. */
const resetAfter = 600_000
/** Maximum number of addresses: beyond it, the one that failed longest ago is evicted. */
const maxAddresses = 10_000

/**
 * Slows down guessing of keys. An address that has sent several wrong ones must wait before the next one is checked,
 * right or wrong: otherwise an attacker could ignore the wait.
 */
export class KeyAttempts {
  /** Ordered by their newest failures. */
  readonly #failures = new Map<string | null, Failures>()

  constructor(private readonly clock: Clock) {}

  /** In how many ms the address may try again; 0 for now. @param address null if it is not known. */
  wait(address: string | null): number {
    return Math.max(0, (this.#failures.get(address)?.until ?? 0) - this.clock.now())
  }

  failed(address: string | null): void {
    const now = this.clock.now()
    const before = this.#failures.get(address)
    const size = before === undefined || now - before.failedAt > resetAfter ? 1 : before.size + 1
    const wait = size < free ? 0 : Math.min(maxWait, firstWait * 2 ** (size - free))
    this.#failures.delete(address)
    if (this.#failures.size >= maxAddresses) this.#failures.delete(this.#failures.keys().next().value!)
    this.#failures.set(address, { size, until: now + wait, failedAt: now })
  }

  succeeded(address: string | null): void {
    this.#failures.delete(address)
  }
}

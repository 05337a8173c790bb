import type { Clock } from '@headcount/core'

/** A stream that has lasted so long, in ms, may have to make room for another one. */
const minDuration = 30_000

export interface OpenStream {
  /** The network address of the reader, or null where that is not known. */
  readonly address: string | null
  end(): void
}

/**
 * The streams that are open on a server.
 *
 * Where there are as many as allowed, an old one makes room for a new one, so that readers who open many, or read
 * nothing, do not hold all places: one of the address with the most streams, at once where the new one's address has
 * fewer, otherwise after 30 s. An `EventSource` whose stream ends comes back by itself.
 */
export class OpenStreams {
  readonly #clock: Clock
  /** The oldest stream of an address is the first of its map, which has the time at which each was opened. */
  readonly #byAddress = new Map<string | null, Map<OpenStream, number>>()
  #size = 0
  #isClosed = false

  /** @param max how many may be open at a time. @param displaced called when a stream made room for another one. */
  constructor(
    readonly max: number,
    clock: Clock,
    readonly displaced: () => void = () => {},
  ) {
    this.#clock = clock
  }

  get size(): number {
    return this.#size
  }

  /** True after `close`: no stream may be opened. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether a stream to this address may be opened now. */
  admits(address: string | null): boolean {
    return !this.#isClosed && (this.#size < this.max || this.#replaceable(address) !== undefined)
  }

  /** Adds a stream. Returns a function that removes it; undefined where it may not be opened. */
  add(stream: OpenStream): (() => void) | undefined {
    const { address } = stream
    if (!this.admits(address)) return undefined
    if (this.#size >= this.max) {
      this.#replaceable(address)?.end()
      this.displaced()
    }
    const ofAddress = this.#byAddress.get(address) ?? new Map<OpenStream, number>()
    this.#byAddress.set(address, ofAddress.set(stream, this.#clock.now()))
    this.#size += 1
    return () => {
      if (!ofAddress.delete(stream)) return
      this.#size -= 1
      if (ofAddress.size === 0 && this.#byAddress.get(address) === ofAddress) this.#byAddress.delete(address)
    }
  }

  /** Ends every stream. */
  close(): void {
    this.#isClosed = true
    for (const streams of this.#byAddress.values()) for (const stream of streams.keys()) stream.end()
  }

  #replaceable(address: string | null): OpenStream | undefined {
    let most = new Map<OpenStream, number>()
    for (const streams of this.#byAddress.values()) if (streams.size > most.size) most = streams
    const own = this.#byAddress.get(address)?.size ?? 0
    for (const [stream, openedAt] of most)
      return own + 1 < most.size || this.#clock.now() - openedAt >= minDuration ? stream : undefined
    return undefined
  }
}

import type { Clock } from '@headcount/core'

/** The age, in ms, after which any new stream may displace a stream. */
const minDuration = 30_000

export interface OpenStream {
  /** The network address of the reader, or null if that is not known. */
  readonly address: string | null
  end(): void
}

/**
 * The open streams of a server.
 *
 * At the limit a new stream displaces an old one, so that readers that open many, or read nothing, cannot occupy all
 * places: the oldest of the address with the most streams, at once if the new one's address has fewer, otherwise after
 * 30 s. An `EventSource` whose stream ends reconnects by itself.
 */
export class OpenStreams {
  /** The oldest stream of an address is the first of its map, which has the time at which each was opened. */
  readonly #byAddress = new Map<string | null, Map<OpenStream, number>>()
  #size = 0
  #isClosed = false

  /** @param max maximum number of open streams. @param displaced called when a stream was displaced. */
  constructor(
    readonly max: number,
    private readonly clock: Clock,
    readonly displaced: () => void = () => {},
  ) {}

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

  /** Adds a stream. Returns a function that removes it; undefined if it may not be opened. */
  add(stream: OpenStream): (() => void) | undefined {
    const { address } = stream
    if (!this.admits(address)) return undefined
    if (this.#size >= this.max) {
      this.#replaceable(address)?.end()
      this.displaced()
    }
    const ofAddress = this.#byAddress.get(address) ?? new Map<OpenStream, number>()
    this.#byAddress.set(address, ofAddress.set(stream, this.clock.now()))
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
      return own + 1 < most.size || this.clock.now() - openedAt >= minDuration ? stream : undefined
    return undefined
  }
}

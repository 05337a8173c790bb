import type { Clock, Subscriber, Topic, Update } from '@headcount/core'
import { type EncodeUpdate, event } from './events.js'
import type { OpenStreams } from './open-streams.js'
import type { CountsSource } from './source.js'
import { retryLine } from './stream-retry.js'

/** Delay, in ms, after which a comment is sent to an idle stream, so that proxies keep it open. */
const keepAlive = 15_000
const comment = Buffer.from(': keep-alive\n\n')
/** Mean delay, in ms, after which a reader reconnects. */
const retry = 2_000

/** Longest time, in ms, of a timer. A token that is valid for longer does not end a stream. */
const maxTimer = 2 ** 31 - 1

export interface StreamOptions {
  readonly source: Pick<CountsSource, 'subscribe'>
  readonly topics: readonly Topic[]
  readonly encode: EncodeUpdate
  /** The data of events that are sent at the start, before any counts. */
  readonly preface?: readonly string[]
  /** Is called when the stream starts. Counts its reader, and returns a function that ends it; undefined for none. */
  count?(): (() => void) | undefined
  /** After how many ms the stream ends: its reader's token has expired. */
  readonly endsIn?: number | undefined
  readonly clock: Clock
  /** From 0 to 1: when the reader comes back. */
  random(): number
  readonly streams: OpenStreams
  /** The network address of the reader, or null where that is not known. */
  readonly address: string | null
}

/**
 * The counts of topics as Server-Sent Events: in full, at the start and after every change, with a comment after 15 s
 * without one.
 *
 * Events are made when the reader asks for more, so a slow reader gets only the newest counts. The topics are
 * subscribed to from the first read until the stream ends or the reader cancels it.
 */
export function countsStream(options: StreamOptions): ReadableStream<Uint8Array> {
  return new ReadableStream(new CountsStream(options), { highWaterMark: 0 })
}

type Controller = ReadableStreamDefaultController<Uint8Array>

class CountsStream {
  readonly #o: StreamOptions
  /** Those with counts that have not been sent. */
  readonly #changed = new Set<TopicEvents>()
  #wake: (() => void) | undefined
  /** Unsubscribes. Undefined before the first read and after the end. */
  #stop: (() => void) | undefined

  constructor(options: StreamOptions) {
    this.#o = options
  }

  async pull(controller: Controller): Promise<void> {
    const chunks: Uint8Array[] = []
    if (this.#stop === undefined) {
      if (!this.#start(controller)) return controller.close()
      chunks.push(Buffer.from(retryLine(retry, this.#o.random) + (this.#o.preface ?? []).map(event).join('')))
    }
    chunks.push(...this.#changes())
    while (chunks.length === 0) {
      const isIdle = await this.#wait()
      if (this.#stop === undefined) return
      chunks.push(...this.#changes())
      if (isIdle && chunks.length === 0) chunks.push(comment)
    }
    const [first, ...others] = chunks
    controller.enqueue(first !== undefined && others.length === 0 ? first : Buffer.concat(chunks))
  }

  cancel(): void {
    this.#stop?.()
    this.#wake?.()
  }

  /** Subscribes to the topics. Returns false where no stream may be opened. */
  #start(controller: Controller): boolean {
    const { source, topics, streams, address, clock, count, endsIn = maxTimer } = this.#o
    const end = (): void => {
      this.cancel()
      controller.close()
    }
    const remove = streams.add({ address, end })
    if (remove === undefined) return false
    const changed = (events: TopicEvents): void => {
      if (events.isUnsent) this.#changed.add(events)
      else this.#changed.delete(events)
      this.#wake?.()
    }
    const uncount = count?.()
    if (count !== undefined && uncount === undefined) {
      remove()
      return false
    }
    const ends = topics.map((topic) => source.subscribe(topic, new TopicEvents(changed, count === undefined)))
    const cancelEnd = endsIn < maxTimer ? clock.after(endsIn, end) : undefined
    this.#stop = () => {
      this.#stop = undefined
      cancelEnd?.()
      uncount?.()
      for (const unsubscribe of ends) unsubscribe()
      remove()
    }
    return true
  }

  /** The events to send next; none where all counts are those sent last. */
  #changes(): Uint8Array[] {
    const changed = [...this.#changed]
    this.#changed.clear()
    return changed.map((events) => this.#o.encode(events.take()))
  }

  /** Waits for an update or the end. Resolves to true where there was neither for 15 s. */
  #wait(): Promise<boolean> {
    return new Promise((resolve) => {
      const cancelTimer = this.#o.clock.after(keepAlive, () => resolve(true))
      this.#wake = () => {
        cancelTimer()
        resolve(false)
      }
    })
  }
}

/** The counts of one topic of a stream. */
class TopicEvents implements Subscriber {
  index = -1
  lastFlush = 0
  readonly #changed: (events: TopicEvents) => void
  readonly onlyReads: boolean
  #sent: Update | undefined
  #latest: Update | undefined

  constructor(changed: (events: TopicEvents) => void, onlyReads: boolean) {
    this.#changed = changed
    this.onlyReads = onlyReads
  }

  get isUnsent(): boolean {
    return this.#latest?.counts !== this.#sent?.counts
  }

  state(update: Update): void {
    this.#latest = update
    this.#changed(this)
  }

  diff(update: Update): boolean {
    this.state(update)
    return true
  }

  /** The newest counts, to be sent now. Only where some are unsent. */
  take(): Update {
    this.#sent = this.#latest
    return this.#sent as Update
  }
}

import type { Clock, Subscriber, Topic, Turn, Update, Writer } from '@headcount/core'
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
  readonly turn: Turn
  /** From 0 to 1: when the reader comes back. */
  random(): number
  readonly streams: OpenStreams
  /** The network address of the reader, or null where that is not known. */
  readonly address: string | null
}

/** Where the bytes of a stream go. */
export interface Sink {
  /** Returns false where it takes no more until `resume` of the stream is called. */
  write(bytes: Uint8Array): boolean
  end(): void
}

/**
 * The counts of topics as Server-Sent Events: in full, at the start and after every change, with a comment after 15 s
 * without one.
 *
 * All that changes in a turn of the event loop is one write. A slow reader gets only the newest counts. The topics are
 * subscribed to from the start until the stream ends or is stopped.
 */
export class CountsStream implements Writer {
  readonly #o: StreamOptions
  /** Those that were sent an update since the last `#changes`. */
  #changed: TopicEvents[] = []
  #sink: Sink | undefined
  #isFull = false
  /** Whether `flush` is going to be called. */
  #isQueued = false
  #lastWrite = 0
  #release = () => {}

  constructor(options: StreamOptions) {
    this.#o = options
  }

  /** Subscribes to the topics, and sends what is known. Ends at once where no stream may be opened. */
  start(sink: Sink): void {
    const { source, topics, streams, address, clock, count, endsIn = maxTimer } = this.#o
    const end = (): void => {
      this.stop()
      sink.end()
    }
    const remove = streams.add({ address, end })
    if (remove === undefined) {
      sink.end()
      return
    }
    const uncount = count?.()
    if (count !== undefined && uncount === undefined) {
      remove()
      sink.end()
      return
    }
    this.#sink = sink
    const onChange = (events: TopicEvents): void => this.#onChange(events)
    const ends = topics.map((topic) => source.subscribe(topic, new TopicEvents(onChange, count === undefined)))
    const cancelEnd = endsIn < maxTimer ? clock.after(endsIn, end) : undefined
    let cancelComment = (): void => {}
    const commentIn = (ms: number): void => {
      cancelComment = clock.after(ms, () => commentIn(this.#comment()))
    }
    commentIn(keepAlive)
    this.#release = () => {
      cancelComment()
      cancelEnd?.()
      uncount?.()
      for (const unsubscribe of ends) unsubscribe()
      remove()
    }
    const { random, preface = [] } = this.#o
    this.#send([Buffer.from(retryLine(retry, random) + preface.map(event).join('')), ...this.#changes()])
  }

  /** The sink takes more. */
  resume(): void {
    this.#isFull = false
    this.flush()
  }

  /** Unsubscribes. Nothing is written any more. */
  stop(): void {
    if (this.#sink === undefined) return
    this.#sink = undefined
    this.#release()
  }

  /** Sends what has changed, unless the reader is slow. */
  flush(): void {
    this.#isQueued = false
    if (this.#sink === undefined || this.#isFull) return
    const changes = this.#changes()
    if (changes.length > 0) this.#send(changes)
  }

  #onChange(events: TopicEvents): void {
    this.#changed.push(events)
    if (this.#isQueued || this.#isFull) return
    this.#isQueued = true
    this.#o.turn.write(this)
  }

  /** The events to send next; none where all counts are those sent last. */
  #changes(): Uint8Array[] {
    const chunks: Uint8Array[] = []
    for (const events of this.#changed) {
      const update = events.take()
      if (update !== undefined) chunks.push(this.#o.encode(update))
    }
    this.#changed = []
    return chunks
  }

  #send(chunks: readonly Uint8Array[]): void {
    const [first, ...others] = chunks
    const bytes = first !== undefined && others.length === 0 ? first : Buffer.concat(chunks)
    this.#lastWrite = this.#o.clock.now()
    this.#isFull = this.#sink?.write(bytes) === false
  }

  /** Sends a comment where nothing was sent for 15 s. Returns in how many ms one may be due. */
  #comment(): number {
    const silence = this.#o.clock.now() - this.#lastWrite
    if (silence < keepAlive) return keepAlive - silence
    if (!this.#isFull) this.#send([comment])
    return keepAlive
  }
}

/** The counts of one topic of a stream. */
class TopicEvents implements Subscriber {
  index = -1
  lastFlush = 0
  readonly #onChange: (events: TopicEvents) => void
  #sent: Update | undefined
  #latest: Update | undefined
  /** Whether `onChange` was called since the last `take`. */
  #isChanged = false

  constructor(
    onChange: (events: TopicEvents) => void,
    readonly onlyReads: boolean,
  ) {
    this.#onChange = onChange
  }

  state(update: Update): void {
    this.#latest = update
    if (this.#isChanged) return
    this.#isChanged = true
    this.#onChange(this)
  }

  diff(update: Update): boolean {
    this.state(update)
    return true
  }

  /** The newest counts, to be sent now; undefined where they are those sent last. */
  take(): Update | undefined {
    this.#isChanged = false
    if (this.#latest?.counts === this.#sent?.counts) return undefined
    this.#sent = this.#latest
    return this.#sent
  }
}

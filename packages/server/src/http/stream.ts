import { type Clock, maxDelay, type Subscriber, type Topic, type Turn, type Update, type Writer } from '@headcount/core'
import { type EncodeUpdate, event } from './events.js'
import type { OpenStreams } from './open-streams.js'
import type { CountsSource, StreamRefusal } from './source.js'
import { refusedBody, retryLine } from './stream-retry.js'

/** Delay, in ms, after which an idle stream is sent a ping: proxies keep it open, and a reader can detect its loss. */
const pingAfter = 15_000
/**
 * A comment, and an event that only listeners of its name receive. An event needs data; without a colon they are empty,
 * and a reader that looks for lines with `data:` does not see them.
 */
const ping = Buffer.from(': keep-alive\nevent: ping\ndata\n\n')
/** Mean delay, in ms, after which a reader reconnects. */
const retry = 2_000

/** Why a stream that was admitted has no place when it starts. */
export type StartRefusal = StreamRefusal | 'too_many_streams' | 'unavailable'

export interface StreamOptions {
  readonly source: Pick<CountsSource, 'subscribe'>
  readonly topics: readonly Topic[]
  readonly encode: EncodeUpdate
  /** The data of events that are sent at the start, before any counts. */
  readonly preface?: readonly string[]
  /** Called when the stream starts. Counts its reader, and returns a function that ends it, or why there is no room. */
  count?(): (() => void) | StreamRefusal
  /** Called when the stream starts and there is no place left for it. */
  refused(code: StartRefusal): void
  /** In how many ms the stream ends, because its reader's token expires. */
  readonly endsIn?: number | undefined
  readonly clock: Clock
  readonly turn: Turn
  /** From 0 to 1, for the reconnect delay. */
  random(): number
  readonly streams: OpenStreams
  /** The network address of the reader, or null if that is not known. */
  readonly address: string | null
}

/** The destination of a stream's bytes. */
export interface Sink {
  /** Returns false if nothing may be written until `resume` of the stream is called. */
  write(bytes: Uint8Array): boolean
  end(): void
}

/**
 * The counts of topics as Server-Sent Events: in full, at the start and after every change, with a ping after 15 s
 * without one.
 *
 * All changes of a turn of the event loop are one write. A slow reader gets only the newest counts. The topics are
 * subscribed to from the start until the stream ends or is stopped.
 */
export class CountsStream implements Writer {
  readonly #options: StreamOptions
  // Fields, because V8 does not cache where an object that was made by spreading has its properties.
  readonly #clock: Clock
  readonly #turn: Turn
  readonly #encode: EncodeUpdate
  /** Those that were sent an update since the last `#changes`. */
  #changed: TopicEvents[] = []
  #sink: Sink | undefined
  #isFull = false
  /** Whether `flush` is going to be called. */
  #isQueued = false
  #lastWrite = 0
  #release = () => {}

  constructor(options: StreamOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#turn = options.turn
    this.#encode = options.encode
  }

  /**
   * Subscribes to the topics, and sends known counts. If others have taken the last place since the request was
   * admitted, it only sends the delay after which to reconnect.
   */
  start(sink: Sink): void {
    const { source, topics, streams, address, clock, count, endsIn = maxDelay } = this.#options
    const end = (): void => {
      this.flush()
      this.stop()
      sink.end()
    }
    const remove = streams.add({ address, end })
    if (remove === undefined) {
      this.#refuse(sink, streams.isClosed ? 'unavailable' : 'too_many_streams')
      return
    }
    const uncount = count?.()
    if (typeof uncount === 'string') {
      remove()
      this.#refuse(sink, uncount)
      return
    }
    this.#sink = sink
    const onChange = (events: TopicEvents): void => this.#onChange(events)
    const ends = topics.map((topic) => source.subscribe(topic, new TopicEvents(onChange, count === undefined)))
    // A token that is valid for longer does not end a stream.
    const cancelEnd = endsIn < maxDelay ? clock.after(endsIn, end) : undefined
    let cancelPing = (): void => {}
    const pingIn = (ms: number): void => {
      cancelPing = clock.after(ms, () => pingIn(this.#ping()))
    }
    pingIn(pingAfter)
    this.#release = () => {
      cancelPing()
      cancelEnd?.()
      uncount?.()
      for (const unsubscribe of ends) unsubscribe()
      remove()
    }
    const { random, preface = [] } = this.#options
    this.#send([Buffer.from(retryLine(retry, random) + preface.map(event).join('')), ...this.#changes()])
  }

  #refuse(sink: Sink, code: StartRefusal): void {
    this.#options.refused(code)
    sink.write(Buffer.from(refusedBody(this.#options.random)))
    sink.end()
  }

  /** The sink accepts data again. */
  resume(): void {
    this.#isFull = false
    this.flush()
  }

  /** Unsubscribes. Nothing is written afterwards. */
  stop(): void {
    if (this.#sink === undefined) return
    this.#sink = undefined
    this.#release()
  }

  /** Sends the changes, unless the reader is slow. */
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
    this.#turn.write(this)
  }

  /** The events to send next; none if no counts changed. */
  #changes(): Uint8Array[] {
    const chunks: Uint8Array[] = []
    for (const events of this.#changed) {
      const update = events.take()
      if (update !== undefined) chunks.push(this.#encode(update))
    }
    this.#changed = []
    return chunks
  }

  #send(chunks: readonly Uint8Array[]): void {
    const [first, ...others] = chunks
    const bytes = first !== undefined && others.length === 0 ? first : Buffer.concat(chunks)
    this.#lastWrite = this.#clock.now()
    this.#isFull = this.#sink?.write(bytes) === false
  }

  /** Sends a ping if nothing was sent for 15 s. Returns in how many ms the next one may be due. */
  #ping(): number {
    const silence = this.#clock.now() - this.#lastWrite
    if (silence < pingAfter) return pingAfter - silence
    if (!this.#isFull) this.#send([ping])
    return pingAfter
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

  /** The newest counts, to be sent now; undefined if they are those sent last. */
  take(): Update | undefined {
    this.#isChanged = false
    if (this.#latest?.counts === this.#sent?.counts) return undefined
    this.#sent = this.#latest
    return this.#sent
  }
}

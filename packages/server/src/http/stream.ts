import type { Clock, Subscriber, Topic, Update } from '@headcount/core'
import { retryLine } from './come-back.js'
import type { OpenStreams } from './open-streams.js'
import type { CountsSource } from './source.js'

/** Delay, in ms, after which a comment is sent to an idle stream, so that proxies keep it open. */
const keepAlive = 15_000
/** Mean delay, in ms, after which a reader reconnects. */
const retry = 2_000

/** Longest time, in ms, of a timer. A token that is valid for longer does not end a stream. */
const maxTimer = 2 ** 31 - 1

export interface StreamOptions {
  readonly source: Pick<CountsSource, 'subscribe'>
  readonly topics: readonly Topic[]
  /** The data of the event that tells the counts, which are JSON, of a topic. */
  data(topic: Topic, counts: string): string
  /** The data of events that are sent at the start, before any counts. */
  readonly preface?: readonly string[]
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
  readonly #encoder = new TextEncoder()
  /** Those with counts that have not been sent. */
  readonly #changed = new Set<TopicEvents>()
  #wake: (() => void) | undefined
  /** Unsubscribes. Undefined before the first read and after the end. */
  #stop: (() => void) | undefined

  constructor(options: StreamOptions) {
    this.#o = options
  }

  async pull(controller: Controller): Promise<void> {
    let text = ''
    if (this.#stop === undefined) {
      if (!this.#start(controller)) return controller.close()
      text = retryLine(retry, this.#o.random) + (this.#o.preface ?? []).map(event).join('')
    }
    text += this.#changes()
    while (text === '') {
      const isIdle = await this.#wait()
      if (this.#stop === undefined) return
      text = this.#changes() || (isIdle ? ': keep-alive\n\n' : '')
    }
    controller.enqueue(this.#encoder.encode(text))
  }

  cancel(): void {
    this.#stop?.()
    this.#wake?.()
  }

  /** Subscribes to the topics. Returns false where no stream may be opened. */
  #start(controller: Controller): boolean {
    const { source, topics, streams, address, clock, endsIn = maxTimer } = this.#o
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
    const ends = topics.map((topic) => source.subscribe(topic, new TopicEvents(topic, changed)))
    const cancelEnd = endsIn < maxTimer ? clock.after(endsIn, end) : undefined
    this.#stop = () => {
      this.#stop = undefined
      cancelEnd?.()
      for (const unsubscribe of ends) unsubscribe()
      remove()
    }
    return true
  }

  /** The events to send next; empty where all counts are those sent last. */
  #changes(): string {
    const changed = [...this.#changed]
    this.#changed.clear()
    return changed.map((events) => event(this.#o.data(events.topic, events.take()))).join('')
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
  #sent = ''
  #latest = ''

  constructor(
    readonly topic: Topic,
    changed: (events: TopicEvents) => void,
  ) {
    this.#changed = changed
  }

  get isUnsent(): boolean {
    return this.#latest !== this.#sent
  }

  state({ counts }: Update): void {
    this.#latest = counts
    this.#changed(this)
  }

  diff(update: Update): boolean {
    this.state(update)
    return true
  }

  /** The newest counts, to be sent now. */
  take(): string {
    this.#sent = this.#latest
    return this.#sent
  }
}

function event(data: string): string {
  return `data: ${data}\n\n`
}

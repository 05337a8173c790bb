import type { Clock, Subscriber, Topic, Update } from '@headcount/core'
import type { OpenStreams } from './open-streams.js'
import type { CountsSource } from './source.js'

/** Delay, in ms, after which a comment is sent to an idle stream, so that proxies keep it open. */
const keepAlive = 15_000
/** Delay, in ms, after which a reader reconnects. */
const retry = 2_000

export interface StreamOptions {
  readonly source: CountsSource
  readonly topic: Topic
  readonly clock: Clock
  readonly streams: OpenStreams
}

/**
 * The counts of a topic as Server-Sent Events: in full, at the start and after every change, with a comment after 15 s
 * without one.
 *
 * Events are made when the reader asks for more, so a slow reader gets only the newest counts. The topic is subscribed
 * to from the first read until the stream ends or the reader cancels it.
 */
export function countsStream(options: StreamOptions): ReadableStream<Uint8Array> {
  return new ReadableStream(new CountsStream(options), { highWaterMark: 0 })
}

type Controller = ReadableStreamDefaultController<Uint8Array>

class CountsStream implements Subscriber {
  index = -1
  lastFlush = 0
  readonly #o: StreamOptions
  readonly #encoder = new TextEncoder()
  #sent: string | undefined
  #latest: string | undefined
  #wake: (() => void) | undefined
  /** Unsubscribes. Undefined before the first read and after the end. */
  #stop: (() => void) | undefined

  constructor(options: StreamOptions) {
    this.#o = options
  }

  state({ counts }: Update): void {
    this.#latest = counts
    this.#wake?.()
  }

  diff(update: Update): boolean {
    this.state(update)
    return true
  }

  async pull(controller: Controller): Promise<void> {
    let text = ''
    if (this.#stop === undefined) {
      if (this.#o.streams.isClosed) return controller.close()
      this.#start(controller)
      text = `retry: ${retry}\n\n`
    }
    text += this.#change() ?? ''
    while (text === '') {
      const isIdle = await this.#wait()
      if (this.#stop === undefined) return
      text = this.#change() ?? (isIdle ? ': keep-alive\n\n' : '')
    }
    controller.enqueue(this.#encoder.encode(text))
  }

  cancel(): void {
    this.#stop?.()
    this.#wake?.()
  }

  #start(controller: Controller): void {
    const { source, topic, streams } = this.#o
    const unsubscribe = source.subscribe(topic, this)
    const remove = streams.add(() => {
      this.cancel()
      controller.close()
    })
    this.#stop = () => {
      this.#stop = undefined
      unsubscribe()
      remove()
    }
  }

  /** The event to send next; undefined where the counts are those sent last. */
  #change(): string | undefined {
    if (this.#latest === undefined || this.#latest === this.#sent) return undefined
    this.#sent = this.#latest
    return `data: ${this.#sent}\n\n`
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

import type { Metrics } from '@headcount/core'
import { type CloseReason, closes } from '../sockets/closes.js'
import type { Transport, TransportCallbacks } from '../sockets/transport.js'
import { gone, messagesOf, type PollAnswer, type Push, type PushStatus } from './answer.js'
import type { QuotedText } from './quoted-text.js'
import { newSession } from './session-token.js'

/**
 * - `waiting`: a poll waits for messages.
 * - `idle`: the last poll was answered.
 * - `abandoned`: the client's connection was lost during a poll. The stock client opens a new session then.
 */
export type PollState = 'waiting' | 'idle' | 'abandoned'

/** Maximum pending POSTs of a session. Old stock clients send each message in a separate one. */
const maxWaitingPushes = 128

/** The dependencies that all connections of a server share. */
export interface PollConnectionOptions {
  /** Maximum bytes of a POST, and of all pending ones together. */
  readonly maxPushBytes: number
  readonly maxMessageBytes: number
  /** With more bytes than this still to be sent, the connection is closed with 1008. */
  readonly maxBacklogBytes: number
  readonly quoted: QuotedText
  readonly metrics: Metrics
  changed(connection: PollConnection, state: PollState): void
  ended(connection: PollConnection): void
}

/** Undelivered messages of a POST. */
interface Delivery {
  readonly messages: readonly (string | Uint8Array)[]
  readonly bytes: number
  delivered: number
  done(status: PushStatus): void
}

/** One session of a poller. Sent texts wait for its next poll. */
export class PollConnection implements Transport {
  /** Identifies the session, and proves that a request comes from its client. */
  readonly names = newSession()
  readonly #options: PollConnectionOptions
  #callbacks: TransportCallbacks | undefined
  #isEnded = false
  #isPaused = false
  #isDelivering = false
  /** Sent, but not yet polled: JSON strings. */
  #texts: string[] = []
  #onDrained: (() => void)[] = []
  #answer: ((answer: PollAnswer) => void) | undefined
  #sequence = 0
  #deliveries: Delivery[] = []
  backlog = 0

  /** @param onEnd called when the session ends. */
  constructor(
    options: PollConnectionOptions,
    private readonly onEnd: () => void,
  ) {
    this.#options = options
  }

  start(callbacks: TransportCallbacks): void {
    this.#callbacks = callbacks
    this.#options.changed(this, 'idle')
  }

  /**
   * Resolves to the messages since the last poll, as soon as there are any, or without messages after the window.
   * @param sequence of the last answer. Another one ends the session: messages may have been lost with an answer.
   * @param signal aborted when the client's connection is lost before it has the answer.
   */
  poll(sequence: number, signal: AbortSignal): Promise<PollAnswer> {
    if (this.#isEnded) return Promise.resolve(gone)
    if (sequence !== this.#sequence) {
      this.end()
      return Promise.resolve(gone)
    }
    this.#callbacks?.received(0)
    // A newer poll replaces one whose connection may have been lost.
    this.#answer?.(gone)
    return new Promise((resolve) => {
      const answer = (given: PollAnswer): void => {
        this.#answer = undefined
        resolve(given)
      }
      this.#answer = answer
      signal.addEventListener('abort', () => this.#abandon(answer), { once: true })
      if (this.#texts.length > 0) this.#sendTexts(answer)
      else this.#options.changed(this, 'waiting')
    })
  }

  /** Delivers the messages of a POST. Resolves when the last of them was read. */
  push(push: Push): Promise<PushStatus> {
    if (this.#isEnded) return Promise.resolve(410)
    const { maxPushBytes, maxMessageBytes } = this.#options
    const bytes = Buffer.byteLength(push.body)
    const waiting = this.#deliveries.reduce((sum, delivery) => sum + delivery.bytes, 0)
    const isFull = this.#deliveries.length >= maxWaitingPushes
    if (isFull || waiting + bytes > maxPushBytes) return Promise.resolve(413)
    const messages = messagesOf(push)
    if (messages.some((message) => Buffer.byteLength(message) > maxMessageBytes)) {
      this.fail('too_large')
      return Promise.resolve(413)
    }
    this.#callbacks?.received(bytes)
    return new Promise((done) => {
      this.#deliveries.push({ messages, bytes, delivered: 0, done })
      this.#deliver()
    })
  }

  /** Answers a waiting poll without messages. */
  ping(): void {
    if (this.#answer === undefined) return
    this.#answer({ status: 204, sequence: this.#sequence })
    this.#options.changed(this, 'idle')
  }

  send(texts: readonly string[]): void {
    if (this.#isEnded) return
    const { metrics, quoted, maxBacklogBytes } = this.#options
    let bytes = 0
    for (const text of texts) {
      this.#texts.push(quoted.quote(text))
      bytes += Buffer.byteLength(text)
    }
    this.backlog += bytes
    metrics.count('frames_sent', texts.length)
    metrics.count('bytes_sent', bytes)
    if (this.#answer !== undefined) this.#sendTexts(this.#answer)
    else if (this.backlog > maxBacklogBytes) this.fail('reads_too_slowly')
  }

  onceDrained(callback: () => void): void {
    this.#onDrained.push(callback)
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#deliver()
  }

  close(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#answer?.(gone)
    for (const { done } of this.#deliveries) done(410)
    this.#deliveries = []
    this.#texts = []
    this.#onDrained = []
    this.backlog = 0
    this.#options.ended(this)
    this.onEnd()
  }

  /** Ends the session: its client has left. */
  end(): void {
    if (this.#isEnded) return
    this.#callbacks?.closed(1006)
    this.close()
  }

  /** Ends the session: its client broke a rule or a limit. */
  fail(why: CloseReason): void {
    if (this.#isEnded) return
    this.#options.metrics.count('server_closes', 1, why)
    this.#callbacks?.closed(closes[why][0])
    this.close()
  }

  #sendTexts(answer: (answer: PollAnswer) => void): void {
    const messages = `[${this.#texts.join(',')}]`
    const drained = this.#onDrained
    this.#texts = []
    this.#onDrained = []
    this.backlog = 0
    this.#sequence += 1
    answer({ status: 200, sequence: this.#sequence, messages })
    this.#options.changed(this, 'idle')
    for (const callback of drained) callback()
  }

  #abandon(answer: (answer: PollAnswer) => void): void {
    if (this.#isEnded || (this.#answer !== undefined && this.#answer !== answer)) return
    this.#answer = undefined
    this.#options.changed(this, 'abandoned')
  }

  #deliver(): void {
    if (this.#isDelivering) return
    this.#isDelivering = true
    for (let first = this.#deliveries[0]; first !== undefined && !this.#isPaused; first = this.#deliveries[0]) {
      const message = first.messages[first.delivered++]
      if (message !== undefined) {
        this.#callbacks?.frame()
        this.#callbacks?.message(message)
      }
      // The message may have closed the connection, which then has answered.
      if (first.delivered >= first.messages.length && this.#deliveries[0] === first) {
        this.#deliveries.shift()
        first.done(200)
      }
    }
    this.#isDelivering = false
  }
}

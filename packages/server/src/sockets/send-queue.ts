import type { Writer } from '@headcount/core'
import type { SocketContext } from './socket-context.js'
import type { Transport } from './transport.js'

/**
 * How long, in ms, a delayed reply waits. Back-to-back frames may be read a turn or more apart; within this time the
 * later one is answered first, as in Phoenix.
 */
export const replyDelay = 5

/** The part of a socket that its queue uses. */
export interface SendingSocket {
  readonly context: SocketContext
  readonly transport: Transport
  /** Called when texts have been passed to the transport. */
  sent(): void
}

/** Collects the texts of a socket in one turn of the event loop, and sends them in one write. */
export class SendQueue implements Writer {
  readonly #socket: SendingSocket
  #texts: string[] | undefined
  #delayed: (() => void)[] | undefined

  constructor(socket: SendingSocket) {
    this.#socket = socket
  }

  /** Sends a text at the end of this turn. */
  send(text: string): void {
    if (this.#texts !== undefined) this.#texts.push(text)
    else {
      this.#texts = [text]
      this.#socket.context.turn.write(this)
    }
  }

  /** Calls `callback` after `replyDelay`, or before the socket closes. */
  delay(callback: () => void): void {
    if (this.#delayed !== undefined) this.#delayed.push(callback)
    else {
      this.#delayed = [callback]
      this.#socket.context.clock.after(replyDelay, () => this.#runDelayed())
    }
  }

  /** Sends everything now, including delayed replies. */
  finish(): void {
    this.#runDelayed()
    this.flush()
  }

  flush(): void {
    const texts = this.#texts
    this.#texts = undefined
    if (texts === undefined) return
    this.#socket.transport.send(texts)
    this.#socket.sent()
  }

  #runDelayed(): void {
    const delayed = this.#delayed ?? []
    this.#delayed = undefined
    for (const callback of delayed) callback()
  }
}

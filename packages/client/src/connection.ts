import type { Channel } from 'phoenix'
import { Listeners } from './listeners.js'
import type { ConnectionStatus } from './status.js'
import type { TokenSocket } from './token-socket.js'

/** The one socket of a client, made and connected when the first topic needs it. */
export class Connection {
  readonly #make: () => TokenSocket
  readonly #changed = new Listeners()
  readonly #opened = new Listeners()
  #socket: TokenSocket | undefined
  #status: ConnectionStatus = 'idle'

  constructor(make: () => TokenSocket) {
    this.#make = make
  }

  get status(): ConnectionStatus {
    return this.#status
  }

  /** Calls `listener` after each change of `status`. */
  subscribe(listener: () => void): () => void {
    return this.#changed.subscribe(listener)
  }

  /** Calls `listener` each time the socket is open anew, after phoenix has sent its own joins. */
  onOpen(listener: () => void): () => void {
    return this.#opened.subscribe(listener)
  }

  /** A stock channel, not joined yet. */
  channel(topic: string, params: object): Channel {
    this.#socket ??= this.#connect()
    return this.#socket.channel(topic, params)
  }

  /** Closes the socket and connects it with the token as it is now. */
  reconnect(): void {
    const socket = this.#socket
    if (!socket) return
    this.#lost()
    // phoenix 1.7 goes wrong where it connects before it has closed
    socket.disconnect(() => this.#status !== 'closed' && socket.connect())
  }

  close(): void {
    this.#become('closed')
    this.#socket?.disconnect()
  }

  #connect(): TokenSocket {
    const socket = this.#make()
    socket.onOpen(() => {
      this.#become('live')
      this.#opened.notify()
    })
    socket.onClose(() => this.#lost())
    this.#become('connecting')
    socket.connect()
    return socket
  }

  #lost(): void {
    if (this.#status === 'live') this.#become('stale')
  }

  #become(status: ConnectionStatus): void {
    if (this.#status === status || this.#status === 'closed') return
    this.#status = status
    this.#changed.notify()
  }
}

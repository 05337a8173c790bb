import type { Channel } from 'phoenix'
import { Listeners } from './listeners.js'
import type { ConnectionStatus } from './status.js'
import type { TokenSocket } from './token-socket.js'

/** The one socket of a client, created and connected when the first channel is requested. */
export class Connection {
  readonly #createSocket: () => TokenSocket
  readonly #changed = new Listeners()
  readonly #opened = new Listeners()
  #socket: TokenSocket | undefined
  #status: ConnectionStatus = 'idle'

  constructor(createSocket: () => TokenSocket) {
    this.#createSocket = createSocket
  }

  get status(): ConnectionStatus {
    return this.#status
  }

  /** Calls `listener` after each change of `status`. */
  subscribe(listener: () => void): () => void {
    return this.#changed.subscribe(listener)
  }

  /** Calls `listener` each time the socket has opened, after phoenix has sent its own joins. */
  subscribeOpen(listener: () => void): () => void {
    return this.#opened.subscribe(listener)
  }

  /** Connects, unless it has done so. */
  open(): void {
    this.#socket ??= this.#connect()
  }

  /** A phoenix channel that has not been joined. */
  channel(topic: string, params: object): Channel {
    this.#socket ??= this.#connect()
    return this.#socket.channel(topic, params)
  }

  /** Closes the socket and connects again, with the current token. */
  reconnect(): void {
    const socket = this.#socket
    if (!socket) return
    this.#lost()
    // phoenix 1.7 fails if connect is called before the old connection has closed.
    socket.disconnect(() => this.#socket === socket && socket.connect())
  }

  /** Closes the socket. `open` makes another one. */
  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#setStatus('closed')
    socket?.disconnect()
  }

  #connect(): TokenSocket {
    const socket = this.#createSocket()
    socket.onOpen(() => {
      if (this.#socket !== socket) return
      this.#setStatus('live')
      this.#opened.notify()
    })
    socket.onClose(() => {
      if (this.#socket === socket) this.#lost()
    })
    this.#setStatus('connecting')
    socket.connect()
    return socket
  }

  #lost(): void {
    if (this.#status === 'live') this.#setStatus('stale')
  }

  #setStatus(status: ConnectionStatus): void {
    if (this.#status === status) return
    this.#status = status
    this.#changed.notify()
  }
}

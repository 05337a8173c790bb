import type { Duplex } from 'node:stream'
import type { Clock, Metrics } from '@headcount/core'
import { type CloseReason, closes } from '../sockets/closes.js'
import type { Transport, TransportCallbacks } from '../sockets/transport.js'
import { abnormalClosure, closeFrame, frame, opcode } from './frame.js'
import { type FrameReceiver, readFrames, type Unfinished } from './read-frames.js'
import type { TextFramer } from './text-framer.js'

/** How long, in ms, a client may take to finish the closing handshake before its connection is destroyed. */
export const closeTimeout = 3000

/** Delay, in ms, after each read of what a client sends when its connection has ended. */
const dropInterval = 50

/** The dependencies that all connections of a server, or of one protocol version, share. */
export interface ConnectionOptions {
  /** A larger message closes the connection with 1009. */
  readonly maxMessageBytes: number
  /** With more bytes than this still to be sent, the connection is closed with 1008. */
  readonly maxBacklogBytes: number
  readonly framer: Pick<TextFramer, 'frame'>
  readonly clock: Clock
  readonly metrics: Metrics
  /** The connection's stream has closed. */
  closed(): void
}

const empty = Buffer.alloc(0)
const pingFrame = frame(opcode.ping, empty)

const connectionKey = Symbol('connection')
type StreamOfConnection = Duplex & { [connectionKey]?: Connection }

/** The server's side of one WebSocket (RFC 6455), on the stream of an upgraded request. Answers pings itself. */
export class Connection implements Transport, FrameReceiver {
  readonly #stream: StreamOfConnection
  readonly #options: ConnectionOptions
  isPaused = false
  #unfinished: Unfinished | undefined
  #callbacks: TransportCallbacks | undefined
  /** `closing`: a close frame was sent and the client's is awaited. `ended`: nothing is sent or read any more. */
  #state: 'open' | 'closing' | 'ended' = 'open'
  #cancelTimeout: (() => void) | undefined

  constructor(stream: Duplex, options: ConnectionOptions) {
    this.#stream = stream
    this.#options = options
  }

  /** Starts to read. @param head bytes that arrived with the upgrade request. */
  start(callbacks: TransportCallbacks, head: Buffer): void {
    this.#callbacks = callbacks
    this.#stream[connectionKey] = this
    // The stream ends with the client's side of it: cheaper than a listener for `end`.
    this.#stream.allowHalfOpen = false
    this.#stream.on('data', onData).on('close', onClose)
    if (head.length > 0) this.onData(head)
    if (!this.isPaused) this.#stream.resume()
  }

  send(texts: readonly string[]): void {
    if (this.#state === 'open') this.#write(this.#options.framer.frame(texts), texts.length)
  }

  get backlog(): number {
    return this.#stream.writableLength
  }

  onceDrained(callback: () => void): void {
    // Not the event `drain`, which only follows a backlog above the stream's own limit.
    if (this.#state === 'open') this.#stream.write(empty, () => callback())
  }

  ping(): void {
    if (this.#state === 'open') this.#write(pingFrame, 1)
  }

  pause(): void {
    if (this.#state === 'ended') return
    this.isPaused = true
    this.#stream.pause()
  }

  resume(): void {
    if (this.#state === 'ended') return
    this.isPaused = false
    this.#read(empty)
    if (!this.isPaused) this.#stream.resume()
  }

  close(code: number, reason: string): void {
    if (this.#state !== 'open') return
    this.#stream.write(closeFrame(code, reason))
    this.#state = 'closing'
    this.#startTimeout()
    this.resume()
  }

  get maxMessageBytes(): number {
    return this.#options.maxMessageBytes
  }

  onFrame(): void {
    this.#callbacks?.frame()
  }

  onMessage(data: string | Buffer): void {
    this.#callbacks?.message(data)
  }

  onPing(payload: Buffer): void {
    if (this.#state === 'open') this.#write(frame(opcode.pong, payload), 1)
  }

  onCloseFrame(code: number): void {
    this.#end(code)
  }

  onInvalid(why: CloseReason, text: string): void {
    this.#fail(why, text)
  }

  onData(bytes: Buffer): void {
    if (this.#state === 'ended') {
      this.#readLater()
      return
    }
    this.#callbacks?.received(bytes.length)
    this.#read(bytes)
  }

  onStreamClose(): void {
    this.#state = 'ended'
    this.#cancelTimeout?.()
    this.#callbacks?.closed(abnormalClosure)
    this.#options.closed()
  }

  #read(bytes: Buffer): void {
    const before = this.#unfinished
    // A message may resume the connection, which must not read the same bytes again.
    this.#unfinished = undefined
    this.#unfinished = readFrames(bytes, before, this)
  }

  #write(bytes: Buffer, frames: number): void {
    const { metrics, maxBacklogBytes } = this.#options
    this.#stream.write(bytes)
    metrics.count('frames_sent', frames)
    metrics.count('bytes_sent', bytes.length)
    if (this.#stream.writableLength > maxBacklogBytes) this.#fail('reads_too_slowly')
  }

  #fail(why: CloseReason, text: string = closes[why][1]): void {
    if (this.#state === 'open') this.#options.metrics.count('server_closes', 1, why)
    this.#end(closes[why][0], text)
  }

  /** Ends the connection, with a close frame unless one was sent. */
  #end(code: number, reason = ''): void {
    // Texts that the socket sends before it closes precede the close frame.
    if (this.#state === 'open') this.#callbacks?.closed(code)
    const wasOpen = this.#state === 'open'
    if (this.#state !== 'ended') this.#startTimeout()
    this.#state = 'ended'
    if (wasOpen) this.#stream.write(closeFrame(code, reason))
    this.#stream.end()
    // Input is still read, but dropped: unread bytes would reset the connection before the close frame arrives.
    this.#stream.resume()
  }

  /** Input after the end is read slowly: a client that goes on sending must not take time from others. */
  #readLater(): void {
    this.#stream.pause()
    this.#options.clock.after(dropInterval, () => this.#stream.resume())
  }

  #startTimeout(): void {
    this.#cancelTimeout ??= this.#options.clock.after(closeTimeout, () => this.#stream.destroy())
  }
}

// Listeners that all streams share: a closure for each would double the size of a socket.
function onData(this: StreamOfConnection, bytes: Buffer): void {
  this[connectionKey]?.onData(bytes)
}

function onClose(this: StreamOfConnection): void {
  this[connectionKey]?.onStreamClose()
}

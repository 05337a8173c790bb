import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import type { Socket } from '../sockets/socket.js'
import type { Wire } from './wire.js'

/** Longest reason that a close frame may carry, in bytes (RFC 6455, 5.5). */
const maxReason = 123

/** Is through when all that was written before it is. */
const nothing = Buffer.alloc(0)

/**
 * A `ws` connection as a wire. Frames are written to the stream beneath it, whole and unmasked as they are: one write
 * a broadcast costs half of one `send`. The library reads, answers pings and closes.
 */
export class Connection extends WebSocket implements Wire {
  stream: Duplex | undefined
  socket: Socket | undefined

  /** From now on what comes in is `socket`'s. */
  serve(stream: Duplex, socket: Socket): void {
    this.stream = stream
    this.socket = socket
    // Shared functions: a closure a socket would cost more than all that is kept of it.
    this.on('message', onMessage)
    this.on('ping', onPing)
    this.on('close', onClose)
    this.on('error', onError)
  }

  write(frames: Buffer): void {
    if (this.readyState === WebSocket.OPEN) this.stream?.write(frames)
  }

  get backlog(): number {
    return this.stream?.writableLength ?? 0
  }

  drained(act: () => void): void {
    // The stream's own `drain` says so only where its own limit was passed, which may be above ours.
    if (this.readyState === WebSocket.OPEN) this.stream?.write(nothing, () => act())
  }

  override close(code = 1000, reason: string | Buffer = ''): void {
    const bytes = Buffer.from(reason)
    super.close(code, bytes.length <= maxReason ? bytes : bytes.subarray(0, maxReason))
  }
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  const bytes = data as Buffer
  ;(this as Connection).socket?.receive(isBinary ? bytes : bytes.toString())
}

function onPing(this: WebSocket): void {
  ;(this as Connection).socket?.heard()
}

function onClose(this: WebSocket): void {
  ;(this as Connection).socket?.closed()
}

/** The library closes the connection itself: with 1009 a frame that is too large, with 1007 text that is no UTF-8. */
function onError(this: WebSocket): void {
  ;(this as Connection).socket?.closed()
}

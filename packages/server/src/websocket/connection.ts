import type { Duplex } from 'node:stream'
import type { Socket } from '../sockets/socket.js'
import type { Wire } from '../sockets/transport.js'
import { closeFrame, controlFrame, opcode } from './control.js'
import { Reader } from './reader.js'
import { type Handler, handle } from './stream-callbacks.js'

/** Is through when all that was written before it is. */
const nothing = Buffer.alloc(0)

/** One WebSocket of the server, on the stream that an upgrade left. */
export class Connection extends Reader implements Wire, Handler {
  readonly #stream: Duplex
  #socket: Socket | undefined
  /** After `closing` we wait for the client's goodbye; after `ended` we have nothing to say nor to hear. */
  #state: 'open' | 'closing' | 'ended' | 'closed' = 'open'
  #paused = false

  constructor(stream: Duplex) {
    super()
    this.#stream = stream
  }

  /** From now on what comes in is the socket's. `head` has come already. */
  serve(socket: Socket, head: Buffer): void {
    this.#socket = socket
    handle(this.#stream, this)
    if (head.length > 0) this.read(head)
    if (!this.#paused) this.#stream.resume()
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  /** Cuts the client off. */
  terminate(): void {
    this.#stream.destroy()
  }

  write(frames: Buffer): void {
    if (this.#state === 'open') this.#stream.write(frames)
  }

  get backlog(): number {
    return this.#stream.writableLength
  }

  drained(act: () => void): void {
    // The stream's own `drain` says so only where its own limit was passed, which may be above ours.
    if (this.#state === 'open') this.#stream.write(nothing, () => act())
  }

  pause(): void {
    if (this.#paused || this.#state !== 'open') return
    this.#paused = true
    this.#stream.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.read(nothing)
    if (!this.#paused) this.#stream.resume()
  }

  close(code: number, reason: string): void {
    if (this.#state !== 'open') return
    this.#stream.write(closeFrame(code, reason))
    this.#state = 'closing'
    this.resume()
  }

  protected override get reads(): boolean {
    return !this.#paused && this.#state !== 'ended' && this.#state !== 'closed'
  }

  protected override get maxBytes(): number {
    return this.#socket?.endpoint.limits.frameBytes ?? 0
  }

  protected override took(bytes: number): void {
    this.#socket?.took(bytes)
  }

  protected override hear(message: string | Buffer): void {
    this.#socket?.receive(message)
  }

  protected override pinged(payload: Buffer): void {
    this.#socket?.pinged(controlFrame(opcode.pong, payload))
  }

  protected override closes(code: number): void {
    if (this.#state === 'open') this.#stream.write(closeFrame(code === 1005 ? 1000 : code, ''))
    this.#end()
  }

  protected override broken(code: 1002 | 1007 | 1008 | 1009, reason: string): void {
    this.#socket?.endpoint.metrics.count('bad_frames', 1, 'not_a_websocket_frame')
    this.#socket?.close(code, reason)
    this.#end()
  }

  /** What follows is read past, so that the goodbye arrives before the end. */
  #end(): void {
    this.#state = 'ended'
    this.#stream.end()
    this.#stream.resume()
    this.#socket?.closed()
  }

  ended(): void {
    if (this.#state === 'open' || this.#state === 'closing') this.#end()
  }

  closed(): void {
    this.#state = 'closed'
    this.#socket?.closed()
  }

  came(bytes: Buffer): void {
    if (this.reads) this.read(bytes)
  }
}

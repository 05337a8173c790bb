import { isUtf8 } from 'node:buffer'
import { ByteBuffer } from './byte-buffer.js'
import { closeStatus, maxControlBytes, opcode } from './frame.js'

/** Most frames of one message. A limit of our own: without it, empty fragments would cost a client nothing. */
export const maxFragments = 256

/** Receives what a client's frames hold, in order. */
export interface FrameCallbacks {
  /** A whole frame of any kind arrived; `bytes` is its length with its header. Called before the others. */
  onFrame(bytes: number): void
  onMessage(data: string | Buffer): void
  onPing(payload: Buffer): void
  /** A close frame: 1005 where it has no status. Nothing is read after it. */
  onClose(code: number): void
  /** A frame that the protocol or a limit forbids. Nothing is read after it. */
  onInvalid(code: 1002 | 1007 | 1008 | 1009, reason: string): void
}

type State = 'reading' | 'paused' | 'stopped'

/** The fragments of an unfinished message. */
interface Fragments {
  readonly isText: boolean
  readonly payload: ByteBuffer
  count: number
}

/**
 * Reads the frames that a client sends (RFC 6455, 5). Frames are decoded where they lie in the bytes that were read;
 * only an incomplete frame is copied and kept.
 */
export class FrameReader {
  readonly #maxMessageBytes: number
  readonly #callbacks: FrameCallbacks
  /** Bytes of an incomplete frame, and the length at which it is worth parsing again. */
  #incomplete: ByteBuffer | undefined
  #wanted = 0
  #fragments: Fragments | undefined
  #state: State = 'reading'

  constructor(maxMessageBytes: number, callbacks: FrameCallbacks) {
    this.#maxMessageBytes = maxMessageBytes
    this.#callbacks = callbacks
  }

  get isPaused(): boolean {
    return this.#state === 'paused'
  }

  /** Keeps frames back until `resume`, also those that were read already. */
  pause(): void {
    if (this.#state === 'reading') this.#state = 'paused'
  }

  /** Delivers the frames that were kept back. */
  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'reading'
    this.#wanted = 0
    this.read(Buffer.alloc(0))
  }

  /** Delivers nothing more. */
  stop(): void {
    this.#state = 'stopped'
    this.#incomplete = undefined
    this.#fragments = undefined
  }

  /** Reads bytes, cut anywhere. Payloads are unmasked in place. */
  read(chunk: Buffer): void {
    if (this.#state === 'stopped') return
    let bytes = chunk
    if (this.#incomplete !== undefined) {
      this.#incomplete.append(chunk)
      if (this.#incomplete.length < this.#wanted) return
      bytes = this.#incomplete.bytes
      this.#incomplete = undefined
    }
    let at = 0
    while (this.#state === 'reading' && at < bytes.length) {
      const header = headerLength(bytes, at)
      const length = this.#frameLength(bytes, at, header)
      if (length === undefined) return
      if (at + length > bytes.length) {
        this.#wanted = length
        break
      }
      this.#readFrame(bytes, at, header, length)
      at += length
    }
    if ((this.#state as State) === 'stopped' || at === bytes.length) return
    this.#incomplete = new ByteBuffer().append(bytes.subarray(at))
  }

  /** The length of the frame at `at`, or of its header while that is incomplete; undefined for an invalid header. */
  #frameLength(bytes: Buffer, at: number, header: number): number | undefined {
    const first = bytes[at]!
    const code = first & 0x0f
    const isFinal = (first & 0x80) !== 0
    const isControl = (code & 0x08) !== 0
    if ((first & 0x70) !== 0) return this.#fail(1002, 'reserved bits must be zero')
    if ((code > opcode.binary && code < opcode.close) || code > opcode.pong)
      return this.#fail(1002, `unknown opcode ${code}`)
    if (isControl && !isFinal) return this.#fail(1002, 'control frames must not be fragmented')
    if (at + 1 >= bytes.length) return header
    const second = bytes[at + 1]!
    if ((second & 0x80) === 0) return this.#fail(1002, 'frames of a client must be masked')
    if (isControl && (second & 0x7f) > maxControlBytes)
      return this.#fail(1002, `control frames must not exceed ${maxControlBytes} bytes`)
    if (at + header > bytes.length) return header
    const payload = payloadLength(bytes, at)
    if (isControl) return header + payload
    if (code === opcode.continuation && this.#fragments === undefined)
      return this.#fail(1002, 'continuation frame without a message')
    if (code !== opcode.continuation && this.#fragments !== undefined)
      return this.#fail(1002, 'new message before the end of the last one')
    if ((this.#fragments?.payload.length ?? 0) + payload > this.#maxMessageBytes)
      return this.#fail(1009, `messages must not exceed ${this.#maxMessageBytes} bytes`)
    return header + payload
  }

  #fail(code: 1002 | 1007 | 1008 | 1009, reason: string): undefined {
    this.stop()
    this.#callbacks.onInvalid(code, reason)
  }

  #readFrame(bytes: Buffer, at: number, header: number, length: number): void {
    const first = bytes[at]!
    const start = at + header
    const end = at + length
    const isAscii = unmask(bytes, start, end) < 0x80
    this.#callbacks.onFrame(length)
    const code = first & 0x0f
    const isFinal = (first & 0x80) !== 0
    if (code >= opcode.close) this.#readControl(code, bytes.subarray(start, end))
    else if (this.#fragments !== undefined || !isFinal) this.#readFragment(code, isFinal, bytes.subarray(start, end))
    else if (code === opcode.binary) this.#callbacks.onMessage(bytes.subarray(start, end))
    else if (isAscii) this.#callbacks.onMessage(bytes.toString('latin1', start, end))
    else this.#readText(bytes.subarray(start, end))
  }

  #readFragment(code: number, isFinal: boolean, payload: Buffer): void {
    this.#fragments ??= { isText: code === opcode.text, payload: new ByteBuffer(), count: 0 }
    const message = this.#fragments
    message.payload.append(payload)
    message.count += 1
    if (message.count > maxFragments) this.#fail(1008, `messages must not have more than ${maxFragments} fragments`)
    else if (isFinal) {
      this.#fragments = undefined
      if (message.isText) this.#readText(message.payload.bytes)
      else this.#callbacks.onMessage(message.payload.bytes)
    }
  }

  #readText(payload: Buffer): void {
    if (isUtf8(payload)) this.#callbacks.onMessage(payload.toString())
    else this.#fail(1007, 'text must be UTF-8')
  }

  #readControl(code: number, payload: Buffer): void {
    if (code === opcode.ping) this.#callbacks.onPing(payload)
    if (code !== opcode.close) return
    const status = closeStatus(payload)
    if (status === undefined) this.#fail(1002, 'invalid close status')
    else if (!isUtf8(payload.subarray(2))) this.#fail(1007, 'close reasons must be UTF-8')
    else {
      this.stop()
      this.#callbacks.onClose(status)
    }
  }
}

/** Two bytes, an extended length, four bytes of mask. While the second byte is missing: the shortest header. */
function headerLength(bytes: Buffer, at: number): number {
  const short = (bytes[at + 1] ?? 0) & 0x7f
  return short < 126 ? 6 : short === 126 ? 8 : 14
}

function payloadLength(bytes: Buffer, at: number): number {
  const short = bytes[at + 1]! & 0x7f
  if (short < 126) return short
  return short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6)
}

/** Unmasks a payload by the four bytes before it. Returns the bitwise OR of its bytes: below 0x80 all are ASCII. */
function unmask(bytes: Buffer, start: number, end: number): number {
  let bits = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i]! ^ bytes[start - 4 + ((i - start) & 3)]!
    bytes[i] = byte
    bits |= byte
  }
  return bits
}

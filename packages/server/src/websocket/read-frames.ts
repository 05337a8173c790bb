import { isUtf8 } from 'node:buffer'
import type { CloseReason } from '../sockets/closes.js'
import { ByteBuffer } from './byte-buffer.js'
import { closeStatus, maxControlBytes, opcode } from './frame.js'

/** Maximum frames of one message: without it a client could send empty fragments at no cost. */
export const maxFragments = 256

/** Receives the content of a client's frames, in order. */
export interface FrameCallbacks {
  /** A whole frame of any kind arrived. Called before the others. */
  onFrame(): void
  onMessage(data: string | Buffer): void
  onPing(payload: Buffer): void
  /** A close frame: 1005 if it has no status. Nothing is read after it. */
  onCloseFrame(code: number): void
  /** The protocol or a limit forbids a frame. Nothing is read after it. */
  onInvalid(why: CloseReason, text: string): void
}

/**
 * Reads the frames that a client sends (RFC 6455, 5). Frames are decoded in place; only an incomplete frame is copied.
 */
export class FrameReader {
  /** While true, frames are buffered until the next `read`. */
  isPaused = false
  /** Bytes of an incomplete frame, and the length from which parsing may succeed. */
  #incomplete: ByteBuffer | undefined
  #wanted = 0
  /** The fragments of an unfinished message. */
  #fragments: { readonly isText: boolean; readonly payload: ByteBuffer; count: number } | undefined

  constructor(
    private readonly maxMessageBytes: number,
    private readonly callbacks: FrameCallbacks,
  ) {}

  /** Reads bytes, split anywhere. Payloads are unmasked in place. */
  read(chunk: Buffer): void {
    const kept = this.#incomplete?.append(chunk)
    const bytes = kept?.bytes ?? chunk
    if (bytes.length < this.#wanted) return
    this.#incomplete = undefined
    this.#wanted = 0
    let at = 0
    while (!this.isPaused && at < bytes.length) {
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
    // A reader that is paused often does not copy the rest each time.
    kept?.drop(at)
    if (at < bytes.length) this.#incomplete = kept ?? new ByteBuffer().append(bytes.subarray(at))
  }

  /** The length of the frame at `at`, or of its header while that is incomplete; undefined if it is invalid. */
  #frameLength(bytes: Buffer, at: number, header: number): number | undefined {
    const problem = headerProblem(bytes[at]!, bytes[at + 1], this.#fragments !== undefined)
    if (problem !== undefined) return this.#fail('invalid_frame', problem)
    if (at + header > bytes.length) return header
    const payload = payloadLength(bytes, at)
    const message = isControl(bytes[at]!) ? 0 : payload + (this.#fragments?.payload.bytes.length ?? 0)
    if (message > this.maxMessageBytes)
      return this.#fail('too_large', `messages must not exceed ${this.maxMessageBytes} bytes`)
    return header + payload
  }

  #fail(why: CloseReason, text: string): undefined {
    this.isPaused = true
    this.callbacks.onInvalid(why, text)
  }

  #readFrame(bytes: Buffer, at: number, header: number, length: number): void {
    const first = bytes[at]!
    const code = first & 0x0f
    const isFinal = (first & 0x80) !== 0
    const start = at + header
    const end = at + length
    const isAscii = unmask(bytes, start, end) < 0x80
    this.callbacks.onFrame()
    if (isControl(first)) this.#readControl(code, bytes.subarray(start, end))
    else if (this.#fragments !== undefined || !isFinal) this.#readFragment(code, isFinal, bytes.subarray(start, end))
    else if (code === opcode.text && isAscii) this.callbacks.onMessage(bytes.toString('latin1', start, end))
    else this.#readMessage(code === opcode.text, bytes.subarray(start, end))
  }

  #readFragment(code: number, isFinal: boolean, payload: Buffer): void {
    this.#fragments ??= { isText: code === opcode.text, payload: new ByteBuffer(), count: 0 }
    const message = this.#fragments
    message.payload.append(payload)
    message.count += 1
    if (message.count > maxFragments)
      this.#fail('too_many_fragments', `messages must not have more than ${maxFragments} fragments`)
    else if (isFinal) {
      this.#fragments = undefined
      this.#readMessage(message.isText, message.payload.bytes)
    }
  }

  #readMessage(isText: boolean, payload: Buffer): void {
    if (!isText) this.callbacks.onMessage(payload)
    else if (isUtf8(payload)) this.callbacks.onMessage(payload.toString())
    else this.#fail('not_utf8', 'text must be UTF-8')
  }

  #readControl(code: number, payload: Buffer): void {
    if (code === opcode.ping) this.callbacks.onPing(payload)
    if (code !== opcode.close) return
    const status = closeStatus(payload)
    if (status === undefined) this.#fail('invalid_frame', 'invalid close status')
    else if (!isUtf8(payload.subarray(2))) this.#fail('not_utf8', 'close reasons must be UTF-8')
    else {
      this.isPaused = true
      this.callbacks.onCloseFrame(status)
    }
  }
}

/** The error in the first two bytes of a frame; the second may not have arrived yet. */
function headerProblem(first: number, second: number | undefined, isFragmented: boolean): string | undefined {
  const code = first & 0x0f
  if ((first & 0x70) !== 0) return 'reserved bits must be zero'
  if ((code > opcode.binary && code < opcode.close) || code > opcode.pong) return `unknown opcode ${code}`
  if (isControl(first) && first < 0x80) return 'control frames must not be fragmented'
  if (second === undefined) return undefined
  if (second < 0x80) return 'frames of a client must be masked'
  if (isControl(first))
    return (second & 0x7f) > maxControlBytes ? `control frames must not exceed ${maxControlBytes} bytes` : undefined
  const isContinuation = code === opcode.continuation
  return isContinuation === isFragmented ? undefined : 'the fragments of a message must follow one another'
}

function isControl(first: number): boolean {
  return (first & 0x08) !== 0
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

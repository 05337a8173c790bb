import { isUtf8 } from 'node:buffer'
import type { CloseReason } from '../sockets/closes.js'
import { ByteBuffer } from './byte-buffer.js'
import { closeStatus, maxControlBytes, opcode } from './frame.js'

/** Maximum frames of one message: without it a client could send empty fragments at no cost. */
export const maxFragments = 256

/** Receives the content of a client's frames, in order. */
export interface FrameReceiver {
  readonly maxMessageBytes: number
  /** While true, no frame is read: bytes are kept for the next read. */
  isPaused: boolean
  /** A whole frame of any kind arrived. Called before the others. */
  onFrame(): void
  onMessage(data: string | Buffer): void
  onPing(payload: Buffer): void
  /** A close frame: 1005 if it has no status. The receiver is paused, and must stay so. */
  onCloseFrame(code: number): void
  /** The protocol or a limit forbids a frame. The receiver is paused, and must stay so. */
  onInvalid(why: CloseReason, text: string): void
}

/** The fragments of an unfinished message. */
interface Fragments {
  readonly isText: boolean
  readonly payload: ByteBuffer
  count: number
}

/** The input of a connection that needs further bytes. */
export interface Unfinished {
  /** Bytes of an incomplete frame, or of frames after a pause. */
  readonly bytes: ByteBuffer | undefined
  /** The length of `bytes` from which parsing may succeed. */
  readonly wanted: number
  readonly fragments: Fragments | undefined
}

/**
 * Reads the frames that a client sends (RFC 6455, 5), split anywhere. Frames are decoded and unmasked in place; only an
 * incomplete frame is copied.
 * @param before the result of the previous read. An idle connection has none, which saves memory.
 */
export function readFrames(
  chunk: Buffer,
  before: Unfinished | undefined,
  receiver: FrameReceiver,
): Unfinished | undefined {
  const kept = before?.bytes?.append(chunk)
  const bytes = kept?.bytes ?? chunk
  if (before !== undefined && bytes.length < before.wanted) return before
  let fragments = before?.fragments
  let wanted = 0
  let at = 0
  while (!receiver.isPaused && at < bytes.length) {
    const header = headerLength(bytes, at)
    const length = frameLength(bytes, at, header, fragments, receiver)
    if (length === undefined) return undefined
    if (at + length > bytes.length) {
      wanted = length
      break
    }
    fragments = readFrame(bytes, at, header, length, fragments, receiver)
    at += length
  }
  // A connection that is paused often does not copy the rest each time.
  kept?.drop(at)
  if (at < bytes.length) return { bytes: kept ?? new ByteBuffer().append(bytes.subarray(at)), wanted, fragments }
  return fragments && { bytes: undefined, wanted, fragments }
}

/** The length of the frame at `at`, or of its header while that is incomplete; undefined if it is invalid. */
function frameLength(
  bytes: Buffer,
  at: number,
  header: number,
  fragments: Fragments | undefined,
  receiver: FrameReceiver,
): number | undefined {
  const problem = headerProblem(bytes[at]!, bytes[at + 1], fragments !== undefined)
  if (problem !== undefined) return fail(receiver, 'invalid_frame', problem)
  if (at + header > bytes.length) return header
  const payload = payloadLength(bytes, at)
  const message = isControl(bytes[at]!) ? 0 : payload + (fragments?.payload.bytes.length ?? 0)
  const { maxMessageBytes } = receiver
  if (message > maxMessageBytes) return fail(receiver, 'too_large', `messages must not exceed ${maxMessageBytes} bytes`)
  return header + payload
}

function fail(receiver: FrameReceiver, why: CloseReason, text: string): undefined {
  receiver.isPaused = true
  receiver.onInvalid(why, text)
}

/** Returns the fragments of the message that is unfinished after the frame. */
function readFrame(
  bytes: Buffer,
  at: number,
  header: number,
  length: number,
  fragments: Fragments | undefined,
  receiver: FrameReceiver,
): Fragments | undefined {
  const first = bytes[at]!
  const code = first & 0x0f
  const isFinal = (first & 0x80) !== 0
  const start = at + header
  const end = at + length
  const isAscii = unmask(bytes, start, end) < 0x80
  receiver.onFrame()
  if (isControl(first)) readControl(code, bytes.subarray(start, end), receiver)
  else if (fragments !== undefined || !isFinal)
    return readFragment(code, isFinal, bytes.subarray(start, end), fragments, receiver)
  else if (code === opcode.text && isAscii) receiver.onMessage(bytes.toString('latin1', start, end))
  else readMessage(code === opcode.text, bytes.subarray(start, end), receiver)
  return fragments
}

function readFragment(
  code: number,
  isFinal: boolean,
  bytes: Buffer,
  before: Fragments | undefined,
  receiver: FrameReceiver,
): Fragments | undefined {
  const message = before ?? { isText: code === opcode.text, payload: new ByteBuffer(), count: 0 }
  message.payload.append(bytes)
  message.count += 1
  if (message.count > maxFragments)
    return fail(receiver, 'too_many_fragments', `messages must not have more than ${maxFragments} fragments`)
  if (!isFinal) return message
  readMessage(message.isText, message.payload.bytes, receiver)
  return undefined
}

function readMessage(isText: boolean, payload: Buffer, receiver: FrameReceiver): void {
  if (!isText) receiver.onMessage(payload)
  else if (isUtf8(payload)) receiver.onMessage(payload.toString())
  else fail(receiver, 'not_utf8', 'text must be UTF-8')
}

function readControl(code: number, payload: Buffer, receiver: FrameReceiver): void {
  if (code === opcode.ping) receiver.onPing(payload)
  if (code !== opcode.close) return
  const status = closeStatus(payload)
  if (status === undefined) fail(receiver, 'invalid_frame', 'invalid close status')
  else if (!isUtf8(payload.subarray(2))) fail(receiver, 'not_utf8', 'close reasons must be UTF-8')
  else {
    receiver.isPaused = true
    receiver.onCloseFrame(status)
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

import { isUtf8 } from 'node:buffer'
import { Gathered } from './byte-buffer.js'
import { closeCode, maxControl, opcode } from './control.js'

/** In how many pieces a message may come. */
const maxPieces = 256

/** A message that comes in pieces. */
interface Pieces {
  readonly isText: boolean
  readonly bytes: Gathered
  count: number
}

/** No size is known before the header is whole. */
const unknown = -1

/**
 * Reads what a client sends (RFC 6455, 5): whole frames as they lie in what was read, which is nearly always; only
 * what comes in bits is kept, and only as long as it takes. A frame that may not be is told of and nothing is read
 * after it.
 */
export abstract class Reader {
  /** The bytes of a frame that is not whole yet. */
  #rest: Gathered | undefined
  /** How many bytes it takes to go on with it. */
  #need = 0
  #pieces: Pieces | undefined

  /** False while nothing is to be read: what has come waits. */
  protected abstract get reads(): boolean
  /** Largest message, in bytes. */
  protected abstract get maxBytes(): number
  /** One message. */
  protected abstract hear(message: string | Buffer): void
  protected abstract pinged(payload: Buffer): void
  /** The client says goodbye. */
  protected abstract closes(code: number): void
  /** The client has broken the rules. */
  protected abstract broken(code: 1002 | 1007 | 1008 | 1009, reason: string): void
  /** A frame of any kind has come, of so many bytes. */
  protected abstract took(bytes: number): void

  /** Bytes as they come in, in any bits. They are unmasked in place. */
  protected read(chunk: Buffer): void {
    let bytes = chunk
    if (this.#rest !== undefined) {
      if (chunk.length > 0) this.#rest.add(chunk)
      if (this.#rest.size < this.#need) return
      bytes = this.#rest.all
      this.#rest = undefined
    }
    let at = 0
    while (this.reads && at < bytes.length) {
      const header = headerSize(bytes, at)
      const size = this.#sizeOf(bytes, at, header)
      if (size === undefined) return
      if (size === unknown || at + size > bytes.length) {
        this.#need = size === unknown ? header : size
        break
      }
      this.#frame(bytes, at, header, size)
      at += size
    }
    if (at === bytes.length || !this.reads) this.#need = 0
    if (at < bytes.length) this.#rest = new Gathered().add(bytes.subarray(at))
  }

  /** The whole frame's bytes, `unknown` where the header is not there yet, undefined where it may not be. */
  #sizeOf(bytes: Buffer, at: number, header: number): number | undefined {
    const first = bytes[at]!
    const code = first & 0x0f
    const isControl = (first & 0x08) !== 0
    if ((first & 0x70) !== 0) return this.#refuse('expected no extension, got a reserved bit')
    if ((code > opcode.binary && code < opcode.close) || code > opcode.pong)
      return this.#refuse(`expected a known opcode, got ${code}`)
    if (isControl && (first & 0x80) === 0) return this.#refuse('expected a control frame in one piece')
    if (at + 1 >= bytes.length) return unknown
    const second = bytes[at + 1]!
    if ((second & 0x80) === 0) return this.#refuse('expected a masked frame, got one that is not')
    if (isControl && (second & 0x7f) > maxControl)
      return this.#refuse(`expected at most ${maxControl} bytes in a control frame`)
    if (at + header > bytes.length) return unknown
    const payload = payloadSize(bytes, at)
    if (isControl) return header + payload
    if ((this.#pieces === undefined) === (code === opcode.continuation))
      return this.#refuse('expected the pieces of a message one after another')
    if ((this.#pieces?.bytes.size ?? 0) + payload > this.maxBytes) {
      this.broken(1009, `expected at most ${this.maxBytes} bytes in a message`)
      return undefined
    }
    return header + payload
  }

  #refuse(reason: string): undefined {
    this.broken(1002, reason)
    return undefined
  }

  #frame(bytes: Buffer, at: number, header: number, size: number): void {
    const first = bytes[at]!
    const from = at + header
    const to = at + size
    const isAscii = unmask(bytes, from, to) < 0x80
    this.took(size)
    const code = first & 0x0f
    if ((code & 0x08) !== 0) this.#control(code, bytes.subarray(from, to))
    else if (this.#pieces === undefined && (first & 0x80) !== 0) {
      if (code === opcode.binary) this.hear(bytes.subarray(from, to))
      else if (isAscii) this.hear(bytes.toString('latin1', from, to))
      else this.#hearText(bytes.subarray(from, to))
    } else this.#piece(code, (first & 0x80) !== 0, bytes.subarray(from, to))
  }

  #piece(code: number, isLast: boolean, payload: Buffer): void {
    const pieces = this.#pieces ?? { isText: code === opcode.text, bytes: new Gathered(), count: 0 }
    this.#pieces = pieces
    pieces.bytes.add(payload)
    pieces.count += 1
    if (pieces.count > maxPieces) this.broken(1008, `expected a message in at most ${maxPieces} pieces`)
    else if (isLast) {
      this.#pieces = undefined
      if (pieces.isText) this.#hearText(pieces.bytes.all)
      else this.hear(pieces.bytes.all)
    }
  }

  #hearText(payload: Buffer): void {
    if (isUtf8(payload)) this.hear(payload.toString())
    else this.broken(1007, 'expected text in UTF-8, got other bytes')
  }

  #control(code: number, payload: Buffer): void {
    if (code === opcode.ping) this.pinged(payload)
    if (code !== opcode.close) return
    const reason = closeCode(payload)
    if (reason === undefined) this.#refuse('expected a close code that may be sent, got another')
    else if (!isUtf8(payload.subarray(2))) this.broken(1007, 'expected a reason in UTF-8, got other bytes')
    else this.closes(reason)
  }
}

/** Two bytes, those of a longer length, four of mask. What is known of the length decides. */
function headerSize(bytes: Buffer, at: number): number {
  const short = (bytes[at + 1] ?? 0) & 0x7f
  return short < 126 ? 6 : short === 126 ? 8 : 14
}

function payloadSize(bytes: Buffer, at: number): number {
  const short = bytes[at + 1]! & 0x7f
  if (short < 126) return short
  return short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6)
}

/** Unmasks the bytes of `from` to `to` by the four before them. Returns all of them or'ed: below 0x80, all are ASCII. */
function unmask(bytes: Buffer, from: number, to: number): number {
  let all = 0
  for (let i = from; i < to; i++) {
    const byte = bytes[i]! ^ bytes[from - 4 + ((i - from) & 3)]!
    bytes[i] = byte
    all |= byte
  }
  return all
}

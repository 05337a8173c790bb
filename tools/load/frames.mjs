/**
 * A text frame as a client sends it (RFC 6455, 5.2), of at most 65,535 bytes. The mask is four zeros, which does not
 * change the payload: a server unmasks it at the same cost, and the load spends no time on it.
 * @param {string} text
 */
export const textFrame = (text) => clientFrame(0x81, Buffer.from(text))

/** A close frame with code 1000, as a browser sends it. */
export const closeFrame = clientFrame(0x88, Buffer.from([0x03, 0xe8]))

/** @param {Buffer} payload of the ping. */
export const pongFrame = (payload) => clientFrame(0x8a, payload)

/**
 * Any frame of a client, with a payload of at most 65,535 bytes.
 * @param {number} first The first byte: `fin`, the reserved bits and the opcode. @param {Buffer} payload
 */
export function clientFrame(first, payload) {
  const { length } = payload
  const header = length < 126 ? [first, 0x80 | length] : [first, 0xfe, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(header), Buffer.alloc(4), payload])
}

/**
 * Reads the whole frames that a server sent. Payloads are ranges of the buffer, so that a frame whose text is not
 * needed costs a few comparisons.
 * @param {Buffer} bytes
 * @param {(opcode: number, bytes: Buffer, start: number, end: number, size: number) => void} frame called for each
 *   frame in order; `size` counts its header and its payload.
 * @returns {Buffer} a copy of the incomplete rest, to be put before the bytes of the next read.
 */
export function readFrames(bytes, frame) {
  let at = 0
  const { length } = bytes
  while (length - at >= 2) {
    let header = 2
    let size = bytes.readUInt8(at + 1) & 127
    if (size > 125) header = size === 126 ? 4 : 10
    if (length - at < header) break
    if (header === 4) size = bytes.readUInt16BE(at + 2)
    else if (header === 10) size = Number(bytes.readBigUInt64BE(at + 2))
    const start = at + header
    if (start + size > length) break
    frame(bytes.readUInt8(at) & 15, bytes, start, start + size, header + size)
    at = start + size
  }
  return at === length ? empty : Buffer.from(bytes.subarray(at))
}

/**
 * Reads the whole events that a server sent, each without the empty line after it, as text frames are read. The first
 * one has the head of the response before it.
 * @type {typeof readFrames}
 */
export function readEvents(bytes, frame) {
  let at = 0
  for (let end = bytes.indexOf(eventEnd); end >= 0; end = bytes.indexOf(eventEnd, at)) {
    const size = end + eventEnd.length - at
    frame(1, bytes, at, end, size)
    at += size
  }
  return at === bytes.length ? empty : Buffer.from(bytes.subarray(at))
}

const eventEnd = '\n\n'
const empty = Buffer.alloc(0)

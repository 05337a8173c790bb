/** What a reader of frames leaves behind where the last one has not come whole. */
const nothing = Buffer.alloc(0)

/**
 * Builds a text frame as a client sends it. The mask is four zeros, which leaves the payload as it is: a server unmasks it at
 * the same cost, and the load spends nothing on it.
 *
 * @param {string} text
 */
export function textFrame(text) {
  return clientFrame(0x81, Buffer.from(text))
}

/** A close frame with 1000, as a browser sends it. */
export const closeFrame = clientFrame(0x88, Buffer.from([0x03, 0xe8]))

/** @param {Buffer} payload Of a ping; at most 125 bytes. */
export function pongFrame(payload) {
  return clientFrame(0x8a, payload)
}

/**
 * @param {number} first
 * @param {Buffer} payload At most 65,535 bytes.
 */
function clientFrame(first, payload) {
  const { length } = payload
  const header =
    length < 126 ? Buffer.from([first, 0x80 | length]) : Buffer.from([first, 0xfe, length >> 8, length & 255])
  return Buffer.concat([header, Buffer.alloc(4), payload])
}

/**
 * Frames as a server sends them, whole and in order. Payloads are given as a range of the buffer, so that a frame whose
 * text nobody reads costs a few comparisons.
 *
 * @param {Buffer} bytes
 * @param {(opcode: number, bytes: Buffer, start: number, end: number, size: number) => void} frame `size` is that of the
 *   payload and its header.
 * @returns {Buffer} A copy of what is left for the next read.
 */
export function readFrames(bytes, frame) {
  let at = 0
  const { length } = bytes
  while (length - at >= 2) {
    let header = 2
    let size = bytes.readUInt8(at + 1) & 127
    if (size === 126) {
      if (length - at < 4) break
      header = 4
      size = bytes.readUInt16BE(at + 2)
    } else if (size === 127) {
      if (length - at < 10) break
      header = 10
      size = Number(bytes.readBigUInt64BE(at + 2))
    }
    const start = at + header
    if (start + size > length) break
    frame(bytes.readUInt8(at) & 15, bytes, start, start + size, header + size)
    at = start + size
  }
  return at === length ? nothing : Buffer.from(bytes.subarray(at))
}

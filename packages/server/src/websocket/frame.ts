/** Longest payload of a control frame, in bytes (RFC 6455, 5.5). */
export const maxControlBytes = 125

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** Status of a close frame without one, and of a connection that ended without a close frame (RFC 6455, 7.4.1). */
export const noStatus = 1005
export const abnormalClosure = 1006

/** One unmasked, unfragmented frame (RFC 6455, 5.2). */
export function frame(code: number, payload: Buffer | string): Buffer {
  const length = Buffer.byteLength(payload)
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const bytes = Buffer.allocUnsafe(header + length)
  bytes[0] = 0x80 | code
  bytes[1] = header === 2 ? length : header === 4 ? 126 : 127
  if (header === 4) bytes.writeUInt16BE(length, 2)
  if (header === 10) bytes.writeBigUInt64BE(BigInt(length), 2)
  if (typeof payload === 'string') bytes.write(payload, header)
  else payload.copy(bytes, header)
  return bytes
}

/**
 * A close frame. For 1005 its status is 1000, as Phoenix answers a close frame without one. A reason that is too long
 * is truncated after a whole character.
 */
export function closeFrame(code: number, reason = ''): Buffer {
  const payload = Buffer.alloc(maxControlBytes)
  payload.writeUInt16BE(code === noStatus ? 1000 : code)
  const length = 2 + payload.write(reason, 2)
  return frame(opcode.close, payload.subarray(0, length))
}

/** The status of a close frame, 1005 if it has none; undefined if it must not be sent (RFC 6455, 7.4). */
export function closeStatus(payload: Buffer): number | undefined {
  if (payload.length === 0) return noStatus
  if (payload.length === 1) return undefined
  const code = payload.readUInt16BE()
  const isReserved = code === 1004 || code === noStatus || code === abnormalClosure
  const isValid = (code >= 1000 && code <= 1014 && !isReserved) || (code >= 3000 && code <= 4999)
  return isValid ? code : undefined
}

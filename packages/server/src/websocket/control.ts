/** Longest payload of a control frame, in bytes (RFC 6455, 5.5). */
export const maxControl = 125

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** A control frame, unmasked. `payload` has at most `maxControl` bytes. */
export function controlFrame(code: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | code, payload.length]), payload])
}

/** A close frame; of the reason, as many whole characters as it has room for. */
export function closeFrame(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(maxControl)
  payload.writeUInt16BE(code)
  const size = payload.write(reason, 2)
  return controlFrame(opcode.close, payload.subarray(0, 2 + size))
}

/** The code of a close frame: 1005 where it names none, undefined where it may not be sent (RFC 6455, 7.4). */
export function closeCode(payload: Buffer): number | undefined {
  if (payload.length === 0) return 1005
  if (payload.length === 1) return undefined
  const code = payload.readUInt16BE()
  const known = (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999)
  return known ? code : undefined
}

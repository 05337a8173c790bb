export interface FrameOptions {
  /** Reserved bits: 4 is RSV1, 2 is RSV2, 1 is RSV3. */
  readonly reserved?: number
  readonly final?: boolean
  readonly masked?: boolean
  readonly mask?: number
  /** How its length is written: the shortest form unless given. */
  readonly length?: 'short' | 'medium' | 'long'
}

/** One frame as a client may write it (RFC 6455, 5.2), valid or not. */
export function clientFrame(code: number, payload: Buffer | string = '', options: FrameOptions = {}): Buffer {
  const { reserved = 0, final = true, masked = true, mask = 0x12345678, length } = options
  const bytes = Buffer.from(payload as string)
  const extra = length === 'long' || bytes.length > 65_535 ? 8 : length === 'medium' || bytes.length > 125 ? 2 : 0
  const header = Buffer.alloc(2 + extra)
  header[0] = (final ? 0x80 : 0) | (reserved << 4) | code
  header[1] = (masked ? 0x80 : 0) | (extra === 8 ? 127 : extra === 2 ? 126 : bytes.length)
  if (extra === 2) header.writeUInt16BE(bytes.length, 2)
  if (extra === 8) header.writeBigUInt64BE(BigInt(bytes.length), 2)
  if (!masked) return Buffer.concat([header, bytes])
  const key = Buffer.alloc(4)
  key.writeUInt32BE(mask)
  return Buffer.concat([header, key, bytes.map((byte, i) => byte ^ key[i & 3]!)])
}

export function closePayload(code: number, reason: Buffer | string = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason as string)])
}

/** The frames that a server sent, as `text …`, `pong …` (hex) and `close …` (its status, 1005 for none). */
export function serverFrames(bytes: Buffer): string[] {
  const frames: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const short = bytes[at + 1]!
    const header = short < 126 ? 2 : short === 126 ? 4 : 10
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6)
    const payload = bytes.subarray(at + header, at + header + length)
    if (bytes[at] === 0x81) frames.push(`text ${payload}`)
    else if (bytes[at] === 0x8a) frames.push(`pong ${payload.toString('hex')}`)
    else if (bytes[at] === 0x88) frames.push(`close ${length === 0 ? 1005 : payload.readUInt16BE()}`)
    else throw new Error(`unexpected frame ${bytes[at]} of ${short} bytes`)
    at += header + length
  }
  return frames
}

const finText = 0x81

/**
 * One unmasked WebSocket text frame (RFC 6455, 5.2), ready to be written to any number of sockets. The header is the
 * same for all, so a broadcast frames once.
 */
export function textFrame(text: string): Buffer {
  const size = Buffer.byteLength(text)
  const header = size < 126 ? 2 : size < 65536 ? 4 : 10
  const frame = Buffer.allocUnsafe(header + size)
  frame[0] = finText
  if (header === 2) frame[1] = size
  else if (header === 4) {
    frame[1] = 126
    frame.writeUInt16BE(size, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(size), 2)
  }
  frame.write(text, header)
  return frame
}

/** The texts of unmasked WebSocket text frames, one after another. */
export function texts(frames: Buffer): string[] {
  const found: string[] = []
  let at = 0
  while (at < frames.length) {
    if (frames[at] !== 0x81) throw new Error(`expected a whole text frame at ${at}, got ${frames[at]}`)
    const short = frames[at + 1]!
    const header = short < 126 ? 2 : short === 126 ? 4 : 10
    const size =
      short < 126 ? short : short === 126 ? frames.readUInt16BE(at + 2) : Number(frames.readBigUInt64BE(at + 2))
    found.push(frames.toString('utf8', at + header, at + header + size))
    at += header + size
  }
  return found
}

import type { Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as ws from 'ws'
import { Reader } from './reader.js'

// Its declarations leave the receiver out.
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable }

/** What was heard, as words: `text …`, `binary …`, `ping …`, `close …`, and at last `broken …`. */
class Listener extends Reader {
  readonly heard: string[] = []
  frames = 0
  isBroken = false
  paused = false

  protected override get reads(): boolean {
    return !this.isBroken && !this.paused
  }

  protected override get maxBytes(): number {
    return 1000
  }

  protected override took(): void {
    this.frames += 1
  }

  protected override hear(message: string | Buffer): void {
    this.heard.push(typeof message === 'string' ? `text ${message}` : `binary ${message.toString('hex')}`)
  }

  protected override pinged(payload: Buffer): void {
    this.heard.push(`ping ${payload.toString('hex')}`)
  }

  protected override closes(code: number): void {
    this.heard.push(`close ${code}`)
    this.isBroken = true
  }

  protected override broken(code: number): void {
    this.heard.push(`broken ${code}`)
    this.isBroken = true
  }

  hears(bytes: Buffer): this {
    if (!this.isBroken) this.read(Buffer.from(bytes))
    return this
  }
}

/** The same in the words of the `ws` library, which is the measure here. */
function heardByWs(bytes: Buffer): Promise<string[]> {
  const heard: string[] = []
  const receiver = new Receiver({ isServer: true, maxPayload: 1000, binaryType: 'nodebuffer' })
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    heard.push(isBinary ? `binary ${data.toString('hex')}` : `text ${data}`),
  )
  receiver.on('ping', (data: Buffer) => heard.push(`ping ${data.toString('hex')}`))
  receiver.on('conclude', (code: number) => heard.push(`close ${code}`))
  return new Promise((resolve) => {
    const done = (): void => resolve(heard)
    receiver.on('error', (error: Error) => {
      const code = Object.getOwnPropertySymbols(error).find((key) => key.description === 'status-code')
      heard.push(`broken ${(error as unknown as Record<symbol, number>)[code!]}`)
      done()
    })
    receiver.write(Buffer.from(bytes), done)
  })
}

interface Frame {
  readonly first: number
  readonly masked: boolean
  readonly mask: number
  readonly payload: Buffer
  /** How its length is written: the shortest way, or a longer one. */
  readonly length: 'short' | 'medium' | 'long'
}

function bytesOf({ first, masked, mask, payload, length }: Frame): Buffer {
  const size = payload.length
  const header = Buffer.alloc(length === 'long' ? 10 : length === 'medium' || size > 125 ? 4 : 2)
  header[0] = first
  header[1] = (masked ? 0x80 : 0) | (header.length === 10 ? 127 : header.length === 4 ? 126 : size)
  if (header.length === 4) header.writeUInt16BE(size, 2)
  if (header.length === 10) header.writeBigUInt64BE(BigInt(size), 2)
  const key = Buffer.alloc(4)
  key.writeUInt32BE(mask)
  return masked
    ? Buffer.concat([header, key, payload.map((byte, i) => byte ^ key[i & 3]!)])
    : Buffer.concat([header, payload])
}

const payload = fc.oneof(
  fc.string({ maxLength: 130, unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 130 }).map((bytes) => Buffer.from(bytes)),
  fc.oneof(fc.nat(1100), fc.constantFrom(124, 125, 126, 127, 1000, 1001)).map((size) => Buffer.alloc(size, 'x')),
  fc
    .constantFrom(999, 1000, 1003, 1004, 1006, 1007, 1014, 1015, 2999, 3000, 4999, 5000)
    .map((code) => Buffer.from([code >> 8, code & 255])),
)
const good = fc.constantFrom(0x81, 0x81, 0x82, 0x89, 0x8a, 0x01, 0x02, 0x00, 0x80, 0x88)
const first = fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: fc.nat(255) })
const frame: fc.Arbitrary<Frame> = fc.record({
  first,
  masked: fc.integer({ min: 0, max: 30 }).map((n) => n > 0),
  mask: fc.nat(2 ** 32 - 1),
  payload,
  length: fc.constantFrom('short', 'short', 'short', 'medium', 'long'),
})

describe('frames of any kind', () => {
  test('are heard as the ws library hears them, whichever bits they come in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(400)), async (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(bytesOf))
        const expected = await heardByWs(bytes)
        expect(new Listener().hears(bytes).heard).toEqual(expected)
        const inBits = new Listener()
        let at = 0
        for (const cut of cuts) {
          inBits.hears(bytes.subarray(at, at + cut))
          at += cut
        }
        inBits.hears(bytes.subarray(at))
        expect(inBits.heard).toEqual(expected)
      }),
      { numRuns: 2000 },
    )
  })
})

const text = (words: string, first = 0x81): Buffer =>
  bytesOf({ first, masked: true, mask: 0x12345678, payload: Buffer.from(words), length: 'short' })

test('a byte at a time is read as well', () => {
  const listener = new Listener()
  for (const byte of Buffer.concat([text('one'), text('zwölf'), text('x'.repeat(300))])) {
    listener.hears(Buffer.from([byte]))
  }
  expect(listener.heard).toEqual(['text one', 'text zwölf', `text ${'x'.repeat(300)}`])
})

test('what comes while nothing is to be read waits, in order', () => {
  const listener = new Listener()
  listener.paused = true
  listener.hears(text('one')).hears(text('two'))
  expect(listener.heard).toEqual([])
  listener.paused = false
  listener.hears(Buffer.alloc(0))
  expect(listener.heard).toEqual(['text one', 'text two'])
})

test('a frame that says that it is too large is refused before it has come', () => {
  const header = bytesOf({
    first: 0x81,
    masked: true,
    mask: 0,
    payload: Buffer.alloc(1001),
    length: 'medium',
  })
  expect(new Listener().hears(header.subarray(0, 8)).heard).toEqual(['broken 1009'])
  const huge = Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])
  expect(new Listener().hears(huge).heard).toEqual(['broken 1009'])
})

test('a message in too many pieces is refused with 1008', () => {
  const listener = new Listener().hears(text('[', 0x01))
  for (let i = 0; i < 256; i++) listener.hears(text('', 0x00))
  expect(listener.heard).toEqual(['broken 1008'])
})

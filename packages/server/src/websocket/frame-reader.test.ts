import type { Writable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as ws from 'ws'
import { clientFrame } from '../test/frames.js'
import { FrameReader } from './frame-reader.js'

// Missing from the types of the package.
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable }

const maxMessageBytes = 1000

/** A reader, and what it read: `text …`, `binary …`, `ping …`, `close …`, `invalid …`. */
function recordingReader(): { reader: FrameReader; events: string[]; read(bytes: Buffer): void } {
  const events: string[] = []
  const reader = new FrameReader(maxMessageBytes, {
    onFrame: () => {},
    onMessage: (data) => events.push(typeof data === 'string' ? `text ${data}` : `binary ${data.toString('hex')}`),
    onPing: (payload) => events.push(`ping ${payload.toString('hex')}`),
    onClose: (code) => events.push(`close ${code}`),
    onInvalid: (code) => events.push(`invalid ${code}`),
  })
  return { reader, events, read: (bytes) => reader.read(Buffer.from(bytes)) }
}

/** What the receiver of the `ws` package reads. */
function eventsOfWs(bytes: Buffer): Promise<string[]> {
  const events: string[] = []
  const receiver = new Receiver({ isServer: true, maxPayload: maxMessageBytes, binaryType: 'nodebuffer' })
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    events.push(isBinary ? `binary ${data.toString('hex')}` : `text ${data}`),
  )
  receiver.on('ping', (data: Buffer) => events.push(`ping ${data.toString('hex')}`))
  receiver.on('conclude', (code: number) => events.push(`close ${code}`))
  return new Promise((resolve) => {
    receiver.on('error', (error: Error) => {
      const key = Object.getOwnPropertySymbols(error).find(({ description }) => description === 'status-code')
      events.push(`invalid ${(error as unknown as Record<symbol, number>)[key!]}`)
      resolve(events)
    })
    receiver.write(Buffer.from(bytes), () => resolve(events))
  })
}

const payload = fc.oneof(
  fc.string({ maxLength: 130, unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 130 }).map((bytes) => Buffer.from(bytes)),
  fc.oneof(fc.nat(1100), fc.constantFrom(124, 125, 126, 127, 1000, 1001)).map((size) => Buffer.alloc(size, 'x')),
  fc
    .constantFrom(999, 1000, 1003, 1004, 1006, 1007, 1014, 1015, 2999, 3000, 4999, 5000)
    .map((code) => Buffer.from([code >> 8, code & 255])),
)
const code = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(1, 1, 2, 9, 10, 1, 2, 0, 0, 8) },
  { weight: 1, arbitrary: fc.nat(15) },
)
const rarely = (arbitrary: fc.Arbitrary<number>) =>
  fc.oneof({ weight: 29, arbitrary: fc.constant(0) }, { weight: 1, arbitrary })
const frame = fc
  .record({
    code,
    payload,
    reserved: rarely(fc.nat(7)),
    isUnmasked: rarely(fc.constant(1)),
    isCut: rarely(fc.constant(1)),
    isFinal: fc.nat(3).map((n) => n > 0),
    mask: fc.nat(2 ** 32 - 1),
    length: fc.constantFrom(undefined, undefined, undefined, 'medium' as const, 'long' as const),
  })
  .map(({ code, payload, reserved, isUnmasked, isCut, isFinal, mask, length }) =>
    clientFrame(code, payload, {
      reserved,
      mask,
      masked: isUnmasked === 0,
      final: code >= 8 ? isCut === 0 : isFinal,
      ...(length === undefined ? {} : { length }),
    }),
  )

test('random frames, cut anywhere, are read as the ws package reads them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(400)), async (frames, cuts) => {
      const bytes = Buffer.concat(frames)
      const expected = await eventsOfWs(bytes)
      const whole = recordingReader()
      whole.read(bytes)
      expect(whole.events).toEqual(expected)
      const pieces = recordingReader()
      let at = 0
      for (const cut of cuts) {
        pieces.read(bytes.subarray(at, at + cut))
        at += cut
      }
      pieces.read(bytes.subarray(at))
      expect(pieces.events).toEqual(expected)
    }),
    { numRuns: 2000 },
  )
})

test('a paused reader keeps frames back and delivers them in order when it resumes', () => {
  const { reader, events, read } = recordingReader()
  reader.pause()
  read(clientFrame(1, 'one'))
  read(clientFrame(1, 'two').subarray(0, 4))
  read(clientFrame(1, 'two').subarray(4))
  expect(events).toEqual([])
  reader.resume()
  expect(events).toEqual(['text one', 'text two'])
})

test('a reader that is paused by a frame reads no frame behind it', () => {
  const events: string[] = []
  const reader: FrameReader = new FrameReader(maxMessageBytes, {
    onFrame: () => reader.pause(),
    onMessage: (data) => events.push(String(data)),
    onPing() {},
    onClose() {},
    onInvalid() {},
  })
  reader.read(Buffer.concat([clientFrame(1, 'one'), clientFrame(1, 'two'), clientFrame(1, 'three')]))
  expect(events).toEqual(['one'])
  reader.resume()
  expect(events).toEqual(['one', 'two'])
})

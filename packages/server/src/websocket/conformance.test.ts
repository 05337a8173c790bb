import type { IncomingMessage } from 'node:http'
import { type Duplex, duplexPair } from 'node:stream'
import { noMetrics, systemClock } from '@headcount/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { clientFrame, closePayload, type FrameOptions, serverFrames } from '../test/frames.js'
import { Connection } from './connection.js'
import { handshake } from './handshake.js'
import { maxFragments } from './read-frames.js'
import { TextFramer } from './text-framer.js'

/*
 * An echo server on our WebSocket implementation, tested against RFC 6455 in the categories of the Autobahn test suite.
 * Every case is also run against the `ws` package.
 */

const maxMessageBytes = 65_536
const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const headers = { upgrade: 'websocket', 'sec-websocket-key': key, 'sec-websocket-version': '13' }
const request = { method: 'GET', url: '/', headers } as unknown as IncomingMessage

const echo = (data: Uint8Array | string): string =>
  typeof data === 'string' ? data : `binary ${Buffer.from(data).toString('hex')}`

function serveOurs(stream: Duplex): void {
  stream.write(handshake(request))
  const framer = new TextFramer()
  const shared = { clock: systemClock, metrics: noMetrics, closed() {} }
  const connection = new Connection(stream, { maxMessageBytes, maxBacklogBytes: 1e9, framer, ...shared })
  const message = (data: Uint8Array | string): void => connection.send([echo(data)])
  connection.start({ message, received() {}, frame() {}, closed() {} }, Buffer.alloc(0))
}

const wsServer = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxMessageBytes })

function serveWs(stream: Duplex): void {
  wsServer.handleUpgrade(request, stream as never, Buffer.alloc(0), (socket) => {
    socket.on('error', () => {})
    socket.on('message', (data: Buffer, isBinary) => socket.send(echo(isBinary ? data : data.toString())))
  })
}

/** Sends chunks to a server, then a close frame. Returns all the frames that the server sends until it ends. */
async function exchange(serve: (stream: Duplex) => void, chunks: readonly Buffer[]): Promise<string[]> {
  const [client, stream] = duplexPair()
  const received: Buffer[] = []
  const ended = new Promise((resolve) => client.on('end', resolve))
  client.on('data', (bytes: Buffer) => {
    received.push(bytes)
    if (bytes[0] === 0x88) client.end()
  })
  serve(stream)
  for (const chunk of [...chunks, close()]) client.write(Buffer.from(chunk))
  await ended
  const bytes = Buffer.concat(received)
  return serverFrames(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4))
}

type Frames = readonly Buffer[]
/** A title, the frames of the client, those of the server, and those of `ws` if they differ. */
type Case = readonly [title: string, frames: Frames, expected: readonly string[], expectedOfWs?: readonly string[]]

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')
const text = (payload: Buffer | string, options?: FrameOptions): Buffer => clientFrame(1, payload, options)
const binary = (payload: Buffer | string, options?: FrameOptions): Buffer => clientFrame(2, payload, options)
const first = (payload: Buffer | string): Buffer => text(payload, { final: false })
const next = (payload: Buffer | string): Buffer => clientFrame(0, payload, { final: false })
const last = (payload: Buffer | string): Buffer => clientFrame(0, payload)
const ping = (payload: Buffer | string = '', options?: FrameOptions): Buffer => clientFrame(9, payload, options)
const pong = (payload: Buffer | string = ''): Buffer => clientFrame(10, payload)
const close = (code = 1000, reason: Buffer | string = ''): Buffer => clientFrame(8, closePayload(code, reason))
const pongOf = (payload: Buffer | string): string => `pong ${Buffer.from(payload as string).toString('hex')}`
const textOf = (payload: string): string => `text ${payload}`
const binaryOf = (payload: Buffer): string => `text ${echo(payload)}`
const done = 'close 1000'

/** One text in fragments of `size` bytes, with an empty one at the end. */
function fragments(payload: Buffer | string, size: number): Buffer[] {
  const bytes = Buffer.from(payload as string)
  const frames = [first(bytes.subarray(0, size))]
  for (let at = size; at < bytes.length; at += size) frames.push(next(bytes.subarray(at, at + size)))
  return [...frames, last('')]
}

/** Runs each case in one chunk, frame by frame, and byte by byte; `large` ones only the first two ways. */
function conform(category: string, cases: readonly Case[], large = false): void {
  const rows = cases.flatMap(([title, frames, expected, expectedOfWs = expected]) => {
    const bytes = Buffer.concat(frames)
    const ways: [string, Frames][] = [
      [`${title}, in one chunk`, [bytes]],
      [`${title}, a frame at a time`, frames],
    ]
    if (!large) ways.push([`${title}, a byte at a time`, [...bytes].map((byte) => Buffer.from([byte]))])
    return ways.map(([name, chunks]) => ({ name, chunks, expected, expectedOfWs }))
  })
  describe(category, () => {
    test.each(rows)('$name', async ({ chunks, expected, expectedOfWs }) => {
      expect(await exchange(serveOurs, chunks)).toEqual(expected)
      expect(await exchange(serveWs, chunks)).toEqual(expectedOfWs)
    })
  })
}

const bytes = (length: number): Buffer => Buffer.alloc(length, Buffer.from([0x00, 0xfe, 0x7f, 0x80, 0xff]))
const ofLength = (n: number): Case[] => [
  [`a text of ${n} bytes`, [text('*'.repeat(n))], [textOf('*'.repeat(n)), done]],
  [`a binary message of ${n} bytes`, [binary(bytes(n))], [binaryOf(bytes(n)), done]],
]
conform('framing of large messages', [65_535, 65_536].flatMap(ofLength), true)
conform('framing', [
  ...[0, 1, 125, 126, 127, 128, 1000].flatMap(ofLength),
  ['a text with a mask of zeros', [text('Hello', { mask: 0 })], [textOf('Hello'), done]],
  ['a text with a mask of ones', [text('Hello', { mask: 0xffffffff })], [textOf('Hello'), done]],
  ['two messages', [text('one'), binary('two')], [textOf('one'), binaryOf(Buffer.from('two')), done]],
  ['a length in 16 bits', [text('Hello', { length: 'medium' })], [textOf('Hello'), done]],
  ['a length in 64 bits', [text('Hello', { length: 'long' })], [textOf('Hello'), done]],
  ['an unmasked text', [text('Hello', { masked: false })], ['close 1002']],
  ['an unmasked ping', [ping('Hello', { masked: false })], ['close 1002']],
])

conform('pings and pongs', [
  ...['', 'Hello', bytes(5), bytes(125)].map(
    (p): Case => [`a ping of ${p.length} bytes`, [ping(p)], [pongOf(p), done]],
  ),
  ['a ping of 126 bytes', [ping(bytes(126))], ['close 1002']],
  ['an unsolicited pong', [pong()], [done]],
  ['an unsolicited pong with a payload', [pong('Hello')], [done]],
  ['a pong, then a ping', [pong('one'), ping('two')], [pongOf('two'), done]],
  ['ten pings', Array(10).fill(ping('x')), [...Array(10).fill(pongOf('x')), done]],
  ['a ping between texts', [text('a'), ping('p'), text('b')], [textOf('a'), pongOf('p'), textOf('b'), done]],
])

conform('reserved bits', [
  ...[1, 2, 3, 4, 5, 6, 7].flatMap((reserved): Case[] => [
    [`a text with bits ${reserved}`, [text('x', { reserved })], ['close 1002']],
    [`bits ${reserved} behind a text`, [text('x'), ping('', { reserved })], [textOf('x'), 'close 1002']],
  ]),
  ['a binary message with a bit', [binary('x', { reserved: 4 })], ['close 1002']],
  ['a fragment with a bit', [first('x'), clientFrame(0, 'y', { reserved: 2 })], ['close 1002']],
  ['a close frame with a bit', [clientFrame(8, closePayload(1000), { reserved: 1 })], ['close 1002']],
])

conform(
  'opcodes',
  [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((code): Case[] => [
    [`opcode ${code}`, [clientFrame(code)], ['close 1002']],
    [`opcode ${code} with a payload behind a text`, [text('x'), clientFrame(code, 'y')], [textOf('x'), 'close 1002']],
  ]),
)

conform('fragmentation', [
  ['a text in two fragments', [first('a'), last('b')], [textOf('ab'), done]],
  ['a text in three fragments', [first('a'), next('b'), last('c')], [textOf('abc'), done]],
  ['a text in empty fragments', [first(''), next(''), last('')], [textOf(''), done]],
  ['a text with one fragment that is not empty', [first(''), next('x'), last('')], [textOf('x'), done]],
  ['a binary message in fragments', [binary('a', { final: false }), last('b')], [binaryOf(hex('6162')), done]],
  ['two fragmented texts', [first('a'), last('b'), first('c'), last('d')], [textOf('ab'), textOf('cd'), done]],
  ['a ping between fragments', [first('a'), ping('p'), last('b')], [pongOf('p'), textOf('ab'), done]],
  [
    'two pings between fragments',
    [first('a'), ping(), next(''), ping(), last('c')],
    ['pong ', 'pong ', textOf('ac'), done],
  ],
  ['a pong between fragments', [first('a'), pong('p'), last('b')], [textOf('ab'), done]],
  ['a close frame between fragments', [first('a'), close(1001)], ['close 1001']],
  ['a fragmented ping', [ping('a', { final: false }), last('b')], ['close 1002']],
  ['a fragmented pong', [clientFrame(10, 'a', { final: false }), last('b')], ['close 1002']],
  ['a fragmented close frame', [clientFrame(8, closePayload(1000), { final: false }), last('')], ['close 1002']],
  ['a continuation of no message', [last('a'), text('b')], ['close 1002']],
  ['a continuation of no message that is not final', [next('a'), text('b')], ['close 1002']],
  ['a continuation behind a whole message', [text('a'), last('b')], [textOf('a'), 'close 1002']],
  ['a continuation behind a fragmented message', [first('a'), last('b'), last('c')], [textOf('ab'), 'close 1002']],
  ['a text within a fragmented text', [first('a'), text('b')], ['close 1002']],
  ['a binary message within a fragmented text', [first('a'), binary('b')], ['close 1002']],
  ['a fragmented text within another', [first('a'), first('b')], ['close 1002']],
])

/** Code points at the boundaries of UTF-8 lengths and surrogates, and noncharacters. */
const codePoints = [
  ...[0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xfdd0, 0xfffd, 0xfffe, 0xffff, 0x10000, 0x10ffff],
  ...[0x1fffe, 0x2ffff, 0x7fffe, 0xfffff],
]
const validTexts = [
  ...codePoints.map((code) => [`U+${code.toString(16)}`, `a${String.fromCodePoint(code)}b`] as const),
  ['a text of many scripts', 'κόσμε, Größe, 数, ひと, люди, 🧑‍🚀'] as const,
]
conform(
  'valid UTF-8',
  validTexts.flatMap(([name, valid]): Case[] => [
    [`${name}`, [text(valid)], [textOf(valid), done]],
    [`${name} in fragments of a byte`, fragments(valid, 1), [textOf(valid), done]],
    [`${name} as the reason of a close frame`, [close(1000, valid)], [done]],
  ]),
)

const invalidTexts = {
  'a lone continuation byte': '80',
  'the last continuation byte': 'bf',
  'four continuation bytes': '80 81 82 83',
  'two bytes without the second': 'c3',
  'two bytes with an ASCII second': 'c3 41',
  'three bytes without the third': 'e2 82',
  'three bytes with an ASCII third': 'e2 82 41',
  'four bytes without the fourth': 'f0 9f 92',
  'four bytes without all but the first': 'f0',
  'NUL in two bytes': 'c0 80',
  'ASCII in two bytes': 'c1 bf',
  'NUL in three bytes': 'e0 80 80',
  'a two-byte character in three bytes': 'e0 9f bf',
  'NUL in four bytes': 'f0 80 80 80',
  'a three-byte character in four bytes': 'f0 8f bf bf',
  'the first high surrogate': 'ed a0 80',
  'the last high surrogate': 'ed af bf',
  'the first low surrogate': 'ed b0 80',
  'the last low surrogate': 'ed bf bf',
  'a pair of surrogates': 'ed a0 80 ed b0 80',
  'a code point above the last': 'f4 90 80 80',
  'the byte F5': 'f5 80 80 80',
  'five bytes': 'f8 88 80 80 80',
  'six bytes': 'fc 84 80 80 80 80',
  'the byte FE': 'fe',
  'the byte FF': 'ff',
}
conform(
  'invalid UTF-8',
  Object.entries(invalidTexts).flatMap(([name, digits]): Case[] => {
    const invalid = Buffer.concat([Buffer.from('κό'), hex(digits)])
    return [
      [`${name}`, [text(invalid)], ['close 1007']],
      [`${name} in fragments of a byte`, fragments(invalid, 1), ['close 1007']],
      [`${name} as the reason of a close frame`, [close(1000, invalid)], ['close 1007']],
      [`${name} in a binary message`, [binary(invalid)], [binaryOf(invalid), done]],
    ]
  }),
)

const validCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
const invalidCodes = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]
conform('closing', [
  ...validCodes.map((code): Case => [`code ${code}`, [close(code)], [`close ${code}`]]),
  ...validCodes.map((code): Case => [`code ${code} with a reason`, [close(code, 'why')], [`close ${code}`]]),
  ...invalidCodes.map((code): Case => [`code ${code}`, [close(code)], ['close 1002']]),
  // Phoenix answers it with 1000, `ws` without a status.
  ['a close frame without a code', [clientFrame(8)], [done], ['close 1005']],
  ['a close frame of one byte', [clientFrame(8, 'x')], ['close 1002']],
  ['a reason of 123 bytes', [close(1000, '*'.repeat(123))], [done]],
  ['a reason of 124 bytes', [close(1000, '*'.repeat(124))], ['close 1002']],
  ['two close frames', [close(1001), close(1000)], ['close 1001']],
  ['a ping behind a close frame', [close(), ping('x')], [done]],
  ['a text behind a close frame', [close(), text('x')], [done]],
  ['an invalid frame behind a close frame', [close(), clientFrame(3)], [done]],
  ['a text before a close frame', [text('x'), close()], [textOf('x'), done]],
])

/** Only a frame's header, with its length in 64 bits. */
const header = (length: bigint): Buffer => {
  const frame = clientFrame(2, '', { length: 'long' })
  frame.writeBigUInt64BE(length, 2)
  return frame
}
const half = '*'.repeat(maxMessageBytes / 2)
conform(
  'limits',
  [
    ['a header of one byte too many', [header(65_537n)], ['close 1009']],
    ['a header of 4 GiB', [header(2n ** 32n)], ['close 1009']],
    ['a header of the longest length', [header(2n ** 63n - 1n)], ['close 1009']],
    ['a message of one byte too many', [text(`${half}${half}x`)], ['close 1009']],
    ['the longest message in fragments', [first(half), last(half)], [textOf(half + half), done]],
    ['fragments of one byte too many', [first(half), next(half), last('x')], ['close 1009']],
    [
      'a ping within the longest message',
      [first(half + half), ping('p'), last('')],
      [pongOf('p'), textOf(half + half), done],
    ],
    ...[300, 1300, 16_384].map(
      (size): Case => [
        `the longest message in fragments of ${size} bytes`,
        fragments(half + half, size),
        [textOf(half + half), done],
      ],
    ),
  ],
  true,
)

test(`a message of ${maxFragments} fragments is read, one of more is refused with 1008`, async () => {
  const most = 'x'.repeat(maxFragments - 1)
  expect(fragments(most, 1)).toHaveLength(maxFragments)
  expect(await exchange(serveOurs, fragments(most, 1))).toEqual([textOf(most), done])
  expect(await exchange(serveOurs, fragments(`${most}x`, 1))).toEqual(['close 1008'])
})

const payload = fc.oneof(
  fc.string({ maxLength: 130, unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 130 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(124, 125, 126, 127, 65_536, 65_537).map((size) => Buffer.alloc(size, 'x')),
  fc.constantFrom(...validCodes, ...invalidCodes).map((code) => closePayload(code)),
)
const rarely = <T>(usual: T, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 29, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary })
const frame = fc
  .record({
    code: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(0, 0, 1, 1, 1, 2, 2, 8, 9, 10) },
      { weight: 1, arbitrary: fc.nat(15) },
    ),
    payload,
    reserved: rarely(0, fc.nat(7)),
    masked: rarely(true, fc.boolean()),
    final: fc.nat(3).map((n) => n > 0),
    mask: fc.nat(2 ** 32 - 1),
    length: fc.constantFrom<('medium' | 'long' | 'short')[]>('short', 'short', 'short', 'medium', 'long'),
  })
  .map(({ code, payload, ...options }) =>
    clientFrame(code, payload, { ...options, final: options.final || (code > 7 && options.mask % 30 > 0) }),
  )

test('random frames, split anywhere, are answered as by the ws package', async () => {
  const toCases = (answers: string[]) => answers.map((answer) => (answer === 'close 1005' ? done : answer))
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(400)), async (frames, cuts) => {
      const bytes = Buffer.concat(frames)
      const ends = cuts.map((_, i) => cuts.slice(0, i + 1).reduce((sum, cut) => sum + cut, 0))
      const chunks = [0, ...ends].map((start, i) => bytes.subarray(start, ends[i]))
      expect(await exchange(serveOurs, chunks)).toEqual(toCases(await exchange(serveWs, [bytes])))
    }),
    { numRuns: 1000 },
  )
})

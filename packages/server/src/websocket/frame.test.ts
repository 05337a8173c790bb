import { duplexPair } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { serverFrames } from '../test/frames.js'
import { closeFrame } from './frame.js'
import { handshake } from './handshake.js'
import { TextFramer } from './text-framer.js'

test('texts of any length are framed back to back', () => {
  const lengths = fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000)
  fc.assert(
    fc.property(fc.array(lengths, { minLength: 1, maxLength: 5 }), (lengths) => {
      const texts = lengths.map((length, i) => String(i % 10).repeat(length))
      expect(serverFrames(new TextFramer().frame(texts))).toEqual(texts.map((text) => `text ${text}`))
    }),
  )
})

test('a text that is sent to many sockets is framed once', () => {
  const framer = new TextFramer()
  const one = framer.frame(['one'])
  expect(framer.frame(['one'])).toBe(one)
  expect(serverFrames(framer.frame(['two']))).toEqual(['text two'])
  expect(serverFrames(framer.frame(['one']))).toEqual(['text one'])
})

test('a reason that does not fit in a close frame is truncated after a whole character', () => {
  const frame = closeFrame(1008, 'é'.repeat(100))
  expect(frame.length).toBeLessThanOrEqual(127)
  expect(frame.subarray(4).toString()).toBe('é'.repeat(61))
})

test('the ws package completes the handshake and reads a text frame', async () => {
  const text = `${'é'.repeat(100)}🙂`
  const [clientStream, stream] = duplexPair()
  const client = new WebSocket('ws://example', 'phoenix', { createConnection: () => clientStream as never })
  const received = new Promise((resolve) => client.on('message', (data: Buffer) => resolve(data.toString())))
  const [request] = await new Promise<[string]>((resolve) => stream.once('data', (data) => resolve([String(data)])))
  const key = /Sec-WebSocket-Key: (.+)\r\n/.exec(request)?.[1]
  const headers = {
    upgrade: 'websocket',
    'sec-websocket-key': key,
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'phoenix',
  }
  stream.write(handshake({ method: 'GET', headers } as never))
  stream.write(new TextFramer().frame([text]))
  expect(await received).toBe(text)
  client.terminate()
})

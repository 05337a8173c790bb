import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { socketRequestIn } from './head.js'

const target = 'GET /socket/websocket?vsn=2.0.0 HTTP/1.1'
const fields = [
  'Host: a.example',
  'Upgrade: websocket',
  'Connection: keep-alive, Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
]
const headOf = (line: string, lines: readonly string[], end = '\r\n') =>
  Buffer.from([line, ...lines, '', ''].join(end), 'latin1')

test('a plain request for a socket is read, and what comes behind it is left', () => {
  const head = headOf(target, [...fields, 'Origin:  https://a.example ', 'Cookie: a=b'])
  expect(socketRequestIn(Buffer.concat([head, Buffer.from([0x81, 0x80])]))).toEqual({
    request: {
      method: 'GET',
      url: '/socket/websocket?vsn=2.0.0',
      headers: {
        host: 'a.example',
        upgrade: 'websocket',
        connection: 'keep-alive, Upgrade',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-version': '13',
        origin: 'https://a.example',
      },
    },
    end: head.length,
  })
})

test.each([
  ['another path', headOf('GET /socket/websockets HTTP/1.1', fields)],
  ['a URL that is absolute', headOf('GET http://a.example/socket/websocket HTTP/1.1', fields)],
  ['another method', headOf('POST /socket/websocket HTTP/1.1', fields)],
  ['a method in small letters', headOf('get /socket/websocket HTTP/1.1', fields)],
  ['another HTTP', headOf('GET /socket/websocket HTTP/1.0', fields)],
  ['a URL with a space', headOf('GET /socket/websocket?a b HTTP/1.1', fields)],
  ['a URL beyond ASCII', headOf('GET /socket/websocket?ä HTTP/1.1', fields)],
  ['lines that end in LF alone', headOf(target, fields, '\n')],
  ['a field that goes on in the next line', headOf(target, ['X-A: b', ' c', ...fields])],
  ['a space before a colon', headOf(target, ['X-A : b', ...fields])],
  ['a field beyond ASCII', headOf(target, ['X-A: ä', ...fields])],
  ['a field twice', headOf(target, ['Upgrade: h2c', ...fields])],
  ['no host', headOf(target, fields.slice(1))],
  ['no wish to upgrade', headOf(target, ['Host: a', 'Connection: not-upgrade'])],
  ['nothing to upgrade to', headOf(target, ['Host: a', 'Connection: upgrade'])],
  ['a body', headOf(target, ['Content-Length: 3', ...fields])],
  ['a body in chunks', headOf(target, ['Transfer-Encoding: chunked', ...fields])],
  ['an expectation', headOf(target, ['Expect: 100-continue', ...fields])],
  ['an end that has not come yet', headOf(target, fields).subarray(0, -1)],
  ['a head that is long', headOf(target, [...fields, `Cookie: ${'a'.repeat(5000)}`])],
  ['one byte', Buffer.from('G')],
])('%s is left to a parser that knows everything', (_what, bytes) => {
  expect(socketRequestIn(bytes)).toBeUndefined()
})

test('what is read is read as Node reads it, whatever the head', async () => {
  const server = createServer((_request, response) => response.end())
  let seen: IncomingMessage | undefined
  server.on('upgrade', (request, stream) => {
    seen = request
    stream.on('error', () => {}).end()
  })
  server.on('clientError', (_error, stream) => stream.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const asNode = (bytes: Buffer) =>
    new Promise<IncomingMessage | undefined>((resolve) => {
      seen = undefined
      const stream = connect(port, '127.0.0.1', () => stream.end(bytes))
      stream
        .on('error', () => {})
        .on('close', () => resolve(seen))
        .resume()
    })

  const line = fc.oneof(
    fc.constantFrom(
      ...fields,
      'Origin: null',
      'origin:',
      'Cookie: a',
      'Host:',
      'Connection: close',
      'Upgrade: h2c',
    ),
    fc.tuple(fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 })).map((parts) => parts.join(':')),
  )
  const query = fc.oneof(fc.constantFrom('', '?', '?vsn=2.0.0', '?a=%'), fc.string({ maxLength: 5 }))
  const flips = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 })), { maxLength: 1 })
  let both = 0
  try {
    await fc.assert(
      fc.asyncProperty(
        query,
        fc.array(line, { maxLength: 4 }),
        flips,
        fc.nat(5),
        async (asked, more, bits, at) => {
          const lines = [...fields.slice(0, at), ...more, ...fields.slice(at)]
          const bytes = headOf(`GET /socket/websocket${asked} HTTP/1.1`, lines)
          for (const [where, byte] of bits) if (where < bytes.length) bytes[where] = byte
          const ours = socketRequestIn(bytes)
          if (ours === undefined) return
          const nodes = await asNode(bytes)
          both++
          const { url, headers } = ours.request
          expect(nodes?.url).toBe(url)
          expect(nodes?.headers).toMatchObject(headers)
          expect(ours.end).toBe(bytes.length)
        },
      ),
      { numRuns: 1500 },
    )
  } finally {
    server.close()
  }
  expect(both).toBeGreaterThan(200)
})

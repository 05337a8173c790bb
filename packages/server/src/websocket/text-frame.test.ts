import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { texts } from '../test/texts.js'
import { textFrame } from './text-frame.js'

test('a frame of any length is read back whole, one behind another', () => {
  const sizes = fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000)
  fc.assert(
    fc.property(fc.array(sizes, { maxLength: 5 }), (lengths) => {
      const sent = lengths.map((length, i) => String(i % 10).repeat(length))
      expect(texts(Buffer.concat(sent.map(textFrame)))).toEqual(sent)
    }),
  )
})

test('the stock WebSocket client reads it', async () => {
  const text = `${'é'.repeat(100)}🙂`
  const server = createServer()
  server.on('upgrade', (request, stream) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade'
    stream.write(`${head}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
    stream.write(textFrame(text))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  const [data] = (await once(client, 'message')) as [Buffer]
  expect(data.toString()).toBe(text)
  client.terminate()
  server.close()
})

import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Acceptor } from './acceptor.js'
import type { SocketRequest } from './head.js'

const asked = `GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`

let server: Server
let acceptor: Acceptor
let port: number
let taken: { request: SocketRequest; stream: Duplex; head: Buffer }[]
let upgrades: string[]

beforeEach(async () => {
  taken = []
  upgrades = []
  server = createServer(async (request, response) => {
    let body = ''
    for await (const bytes of request) body += bytes
    response.end(`${request.method} ${request.url} ${body}`)
  })
  server.on('upgrade', (request, stream) => {
    upgrades.push(request.url ?? '')
    stream.on('error', () => {}).end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  })
  acceptor = Acceptor.before(server, (request, stream, head) => {
    taken.push({ request, stream, head })
    stream.end('taken')
  }) as Acceptor
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterEach(async () => {
  server.closeAllConnections()
  for (const { stream } of taken) stream.destroy()
  await new Promise((resolve) => server.close(resolve))
})

async function open(): Promise<Socket> {
  const accepted = once(server, 'connection')
  const stream = connect(port, '127.0.0.1')
  await Promise.all([once(stream, 'connect'), accepted])
  return stream
}

async function answerOf(stream: Socket): Promise<string> {
  let answer = ''
  for await (const bytes of stream) answer += bytes
  return answer
}

const connections = () => new Promise((resolve) => server.getConnections((_, count) => resolve(count)))

test('a plain request for a socket is taken, with what came behind it, and never reaches the server', async () => {
  const stream = await open()
  stream.write(`${asked}behind`)
  expect(await answerOf(stream)).toBe('taken')
  expect(taken[0]?.request.url).toBe('/socket/websocket?vsn=2.0.0')
  expect(String(taken[0]?.head)).toBe('behind')
  expect(upgrades).toEqual([])
})

test('where somebody else listens to upgrades, the server parses all, so that they see it', async () => {
  const seen: (string | undefined)[] = []
  server.on('upgrade', ({ url }) => seen.push(url))
  const stream = await open()
  stream.write(asked)
  expect(await answerOf(stream)).toMatch(/^HTTP\/1\.1 101 /)
  expect(seen).toEqual(['/socket/websocket?vsn=2.0.0'])
  expect(taken).toEqual([])
})

test('every other request goes on to the server as it came', async () => {
  const post = request({ port, host: '127.0.0.1', method: 'POST', path: '/a' })
  await new Promise((resolve) => post.write('one ', resolve))
  post.end('two')
  const [response] = await once(post, 'response')
  let body = ''
  for await (const bytes of response) body += bytes
  expect(body).toBe('POST /a one two')
  expect(await (await fetch(`http://127.0.0.1:${port}/b`)).text()).toBe('GET /b ')
})

test('a request that comes byte by byte is the server’s, and is whole', async () => {
  const stream = await open()
  stream.setNoDelay()
  for (const byte of asked) {
    stream.write(byte)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await answerOf(stream)).toMatch(/^HTTP\/1\.1 101 /)
  expect(upgrades).toEqual(['/socket/websocket?vsn=2.0.0'])
  expect(taken).toEqual([])
})

test('a socket that is asked for on a connection that was used before is the server’s', async () => {
  const stream = await open()
  stream.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(stream, 'data')
  stream.write(asked)
  expect(await answerOf(stream)).toContain('101')
  expect(upgrades).toEqual(['/socket/websocket?vsn=2.0.0'])
})

test('a connection that says nothing for long is left to the server, and is heard there', async () => {
  const stream = await open()
  acceptor.second()
  acceptor.second()
  stream.write('GET /late HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  expect(await answerOf(stream)).toContain('GET /late')
})

test('one that says nothing and goes, by its end or by a reset, leaves nothing', async () => {
  const ending = await open()
  ending.end()
  await once(ending.resume(), 'close')
  const resetting = await open()
  resetting.resetAndDestroy()
  await expect.poll(connections).toBe(0)
  acceptor.second()
  acceptor.second()
})

test('once closed, all is the server’s: who has said nothing yet, and who comes', async () => {
  const silent = await open()
  acceptor.close()
  acceptor.close()
  for (const stream of [silent, await open()]) {
    stream.write(asked)
    expect(await answerOf(stream)).toMatch(/^HTTP\/1\.1 101 /)
  }
  expect(upgrades).toHaveLength(2)
  expect(taken).toEqual([])
})

test('there is none before what is no HTTP server of Node’s', () => {
  expect(Acceptor.before(server, () => {})).toBeUndefined()
})

import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { until } from '@headcount/testing'
import { expect, onTestFinished, test } from 'vitest'
import { signToken } from '../auth/sign.js'
import { RawClient } from '../test/raw-client.js'
import { listen, noConnections, serve } from '../test/serve.js'
import { asymmetricToken } from '../test/tokens.js'

const upgrade = (path: string, protocol: string) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`

const socketRequest = (token: string) =>
  upgrade(`/socket/websocket?vsn=2.0.0&token=${token}`, 'websocket') +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

test('the connection of a request that offers h2c closes after the response, regardless of further input', async () => {
  const served = await serve()
  const client = new RawClient(served.port)
  client.socket.write(`${upgrade('/healthz', 'h2c')}\r\n`.repeat(5_000))
  await until('the end', () => client.isClosed)
  await noConnections(served)
})

test.each(['end', 'destroy', 'resetAndDestroy'] as const)(
  'an event stream of a request that offers h2c ends with its connection: %s',
  async (act) => {
    const served = await serve()
    const client = new RawClient(served.port)
    client.socket.write(`${upgrade('/api/counts/a/stream', 'h2c')}\r\n`)
    await until('a stream', async () => (await served.metric('streams')) === 1)
    client.socket[act]()
    await until('no stream', async () => (await served.metric('streams')) === 0)
    await noConnections(served)
  },
)

test('an event stream of a request that offers h2c is closed if its client reads nothing', async () => {
  const groups = ['u'.repeat(10_000), 'v'.repeat(10_000)]
  const served = await serve({ groups, http: { stallTimeout: 200 }, flush: { minimum: 1 } })
  const client = new RawClient(served.port)
  client.socket.pause()
  client.socket.write(`${upgrade('/api/counts/a/stream', 'h2c')}\r\n`)
  let tracked = 0
  await until('it is cut off', async () => {
    for (let i = 0; i < 10; i++) served.headcount.track('a', `${tracked++}`)
    return (await served.metric('http_refused_total{code="stalled"}')) === 1
  })
  await noConnections(served)
})

test.each(['end', 'destroy', 'resetAndDestroy'] as const)(
  'a client that leaves while its token is verified opens no socket: %s',
  async (act) => {
    const asked: ServerResponse[] = []
    const jwksUrl = await listen(createServer((_, response) => asked.push(response)))
    const served = await serve({ auth: { jwksUrl } })
    let stream: Socket | undefined
    served.server.once('connection', (socket) => {
      stream = socket
    })
    const client = new RawClient(served.port)
    client.socket.write(socketRequest(asymmetricToken))
    await until('a request for the keys', () => asked.length === 1)
    client.socket[act]()
    await until('the end of the stream', () => stream?.readable === false)
    asked[0]?.end('{"keys":[{}]}')
    await noConnections(served)
    expect(await served.metric('sockets')).toBe(0)
  },
)

test.each(['a=b', `a=${'x'.repeat(100_000)}`])(
  'an application gets the body of a request that offers h2c',
  async (body) => {
    const { headcount } = await serve()
    const server = createServer(async (request, response) => {
      let received = ''
      for await (const bytes of request) received += bytes
      response.end(`${request.method} ${request.headers['content-type']} ${received === body} ${request.complete}`)
    })
    const detach = headcount.attach(server)
    const { port } = new URL(await listen(server))
    const client = new RawClient(Number(port))
    const head = `${upgrade('/post', 'h2c').replace('GET', 'POST')}Content-Type: text/plain\r\n`
    client.socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 2)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
    client.socket.write(`${body.slice(2)}GET / HTTP/1.1\r\n\r\n`)
    await until('a response', () => client.isClosed)
    expect(client.received).toMatch(/^HTTP\/1\.1 200 .*POST text\/plain true true/s)
    const chunked = new RawClient(Number(port))
    chunked.socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`)
    await until('a response', () => chunked.isClosed)
    expect(chunked.received).toMatch(/^HTTP\/1\.1 400 .*"code":"upgrade"/s)
    detach()
  },
)

test.each([
  ['sends nothing of it', ''],
  ['sends a part of it', 'x'.repeat(10)],
  ['sends a byte now and then', 'drip'],
])('the connection of a POST that offers h2c and %s in time is closed', async (_title, body) => {
  const served = await serve()
  served.server.requestTimeout = 300
  const client = new RawClient(served.port)
  const token = `lp1.r.${'s'.repeat(16)}.${'k'.repeat(43)}.0`
  const head = upgrade(`/socket/longpoll?token=${token}`, 'h2c').replace('GET', 'POST')
  client.socket.write(`${head}Content-Length: 500\r\n\r\n`)
  if (body === 'drip') {
    const drip = setInterval(() => client.socket.write('x'), 50)
    onTestFinished(() => clearInterval(drip))
  } else client.socket.write(body)
  await until('the end', () => client.isClosed)
  expect(client.received).toBe('')
  await noConnections(served)
})

test('a reader that offered h2c and reads nothing does not delay the close', async () => {
  const served = await serve()
  const client = new RawClient(served.port)
  client.socket.write(`${upgrade('/api/counts/a/stream', 'h2c')}\r\n`)
  await until('a stream', async () => (await served.metric('streams')) === 1)
  client.socket.pause()
  await served.headcount.close()
  await noConnections(served)
})

test('sockets whose tokens are being verified count for the limit of sockets', async () => {
  const secret = 's'.repeat(32)
  const served = await serve({ auth: { secret }, limits: { sockets: 10 } })
  const token = await signToken(secret, '7', { expires: 60_000 })
  const clients = Array.from({ length: 50 }, () => new RawClient(served.port))
  for (const { socket } of clients) socket.write(socketRequest(token))
  await until('all to be answered', () => clients.every(({ responses }) => responses === 1))
  expect(clients.filter(({ received }) => received.includes('101 Switching'))).toHaveLength(10)
})

import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { until } from '@headcount/testing'
import { expect, test } from 'vitest'
import { RawClient } from '../test/raw-client.js'
import { listen, type Served, serve } from '../test/serve.js'

const upgrade = (path: string, protocol: string) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`

const noConnections = ({ server }: Served) =>
  until('no connection', async () => {
    return (await new Promise((done) => server.getConnections((_, count) => done(count)))) === 0
  })

test('the connection of a request that offers h2c closes with the response, whatever follows the request', async () => {
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
    const token = [{ alg: 'ES256' }, { sub: '1' }].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    const client = new RawClient(served.port)
    const path = `/socket/websocket?vsn=2.0.0&token=${token.join('.')}.x`
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
    client.socket.write(upgrade(path, 'websocket') + key)
    await until('a request for the keys', () => asked.length === 1)
    client.socket[act]()
    await until('the end of the stream', () => stream?.readable === false)
    asked[0]?.end('{"keys":[]}')
    await noConnections(served)
    expect(await served.metric('sockets')).toBe(0)
  },
)

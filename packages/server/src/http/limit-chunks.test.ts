import { until } from '@headcount/testing'
import { expect, test } from 'vitest'
import { RawClient } from '../test/raw-client.js'
import { serve } from '../test/serve.js'

const unknown = `lp1.replica.${'A'.repeat(16)}.${'A'.repeat(43)}.0`
const longPoll = `/socket/longpoll?vsn=2.0.0&token=${unknown}`
const post = (path: string, headers: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}`
const chunked = (path: string, chunks: number) => post(path, 'Transfer-Encoding: chunked', '1\r\nx\r\n'.repeat(chunks))

test.each(['/healthz', longPoll])('a body in too many chunks closes the connection: POST %s', async (path) => {
  const { port, server } = await serve()
  let passedOn = 0
  server.on('request', (request) => {
    const { push } = request
    request.push = (...args) => {
      passedOn += 1
      return push.apply(request, args)
    }
  })
  const client = new RawClient(port)
  client.socket.write(`${chunked(path, 9_000)}0\r\n\r\n`)
  await until('the end', () => client.isClosed)
  expect(client.responses).toBe(0)
  // 257 chunks, and the end of the request.
  expect(passedOn).toBeLessThanOrEqual(258)
})

test('bodies of other connections are read meanwhile and afterwards', async () => {
  const { port } = await serve()
  const flood = (): RawClient => {
    const client = new RawClient(port)
    client.socket.write(chunked(longPoll, 9_000))
    return client
  }
  for (let i = 0; i < 30; i++) {
    const floods = [flood(), flood()]
    const client = new RawClient(port)
    client.socket.write(post(longPoll, 'Content-Length: 3', 'abc'))
    await until('a response', () => client.received.endsWith('{"status":410}'))
    await until('the end', () => floods.every(({ isClosed }) => isClosed))
  }
})

test('a body in few chunks is read', async () => {
  const { port } = await serve()
  const client = new RawClient(port)
  client.socket.write(`${chunked(longPoll, 200)}0\r\n\r\n`)
  await until('a response', () => client.received.endsWith('{"status":410}'))
  client.get('/healthz')
  await until('a response', () => client.responses === 2)
})

test.each([
  ['POST /healthz', post('/healthz', 'Content-Length: 9000', 'abc')],
  ['GET /healthz', post('/healthz', 'Content-Length: 9000', 'abc').replace('POST', 'GET')],
  ['GET to no URL', post('/\\', 'Content-Length: 9000', 'abc').replace('POST', 'GET')],
  ['POST without a session', post('/socket/longpoll', 'Content-Length: 9000', 'abc')],
  ['GET to open a session', post('/socket/longpoll', 'Content-Length: 9000', 'abc').replace('POST', 'GET')],
  ['OPTIONS of a session', post('/socket/longpoll', 'Content-Length: 9000', 'abc').replace('POST', 'OPTIONS')],
])('the connection closes after the response to a request with an unread body: %s', async (_case, request) => {
  const { port } = await serve()
  const client = new RawClient(port)
  client.socket.write(request)
  await until('the end', () => client.isClosed)
  expect(client.responses).toBe(1)
  expect(client.received).toContain('Connection: close')
})

import { once } from 'node:events'
import { connect } from 'node:net'
import { LogLimiter, noMetrics, silentLogger, systemClock } from '@headcount/core'
import { until } from '@headcount/testing'
import { docRows } from '@headcount/tools/docs/tables.mjs'
import { expect, onTestFinished, test } from 'vitest'
import { ConnectionLimit } from './connection-limit.js'
import { type BadRequestCode, createHttpServer } from './http-server.js'
import { listen, stopListening } from './listen.js'

const limits = { keepAlive: 75_000, requestTimeout: 1_000, headerBytes: 2_048, stallTimeout: 30_000, streams: 10 }

/**
 * A server that answers `/stream` with a response that does not end, and everything else with `ok`.
 * @param connections its limit.
 */
async function start(connections = 10) {
  const counted: unknown[] = []
  const metrics = { ...noMetrics, count: (...args: unknown[]) => void counted.push(args) }
  const server = createHttpServer(limits, metrics, (request, response) => {
    if (request.url === '/stream') response.write('begin')
    else response.end('ok')
  })
  const files = { used: 0, limit: connections, reserve: 0 }
  new ConnectionLimit(metrics, new LogLimiter(systemClock, silentLogger), files).apply(server)
  const port = await listen(server, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => {
    server.closeAllConnections()
    return stopListening(server)
  })
  /** A connection that sends a text at once, and what it receives. */
  const open = (text = '') => {
    const socket = connect(port, '127.0.0.1', () => void socket.write(text))
    const client = { socket, received: '', isClosed: false }
    socket.on('data', (bytes) => {
      client.received += bytes
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      client.isClosed = true
    })
    onTestFinished(() => void socket.destroy())
    return client
  }
  return { server, counted, open }
}

const get = (path: string, header = 'Host: x') => `GET ${path} HTTP/1.1\r\n${header}\r\n\r\n`

test.each([
  ['sends nothing', ''],
  ['never ends its request', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  ['begins a second request', `${get('/')}GET / HT`],
])('a connection that %s is closed after the time limit', async (_case, text) => {
  const { open, counted } = await start()
  const client = open(text)
  await until('the end', () => client.isClosed)
  expect(counted).toEqual([['http_refused', 1, 'request_timeout']])
  if (!text.startsWith(get('/'))) expect(client.received).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s)
})

test('a connection that sends a byte occasionally is closed after the time limit', async () => {
  const { open, counted } = await start()
  const client = open('GET /')
  const drip = setInterval(() => client.socket.write('a'), 100)
  onTestFinished(() => clearInterval(drip))
  await until('the end', () => client.isClosed)
  expect(counted).toEqual([['http_refused', 1, 'request_timeout']])
})

test('an idle connection stays open for the time in the response', async () => {
  const { open, counted } = await start()
  const [idle, silent] = [open(get('/')), open()]
  await until('a response', () => idle.received.endsWith('ok'))
  expect(idle.received).toContain('Keep-Alive: timeout=75')
  await until('the end of a silent one', () => silent.isClosed)
  idle.socket.write(get('/'))
  await until('another response', () => idle.received.split('HTTP/1.1 200').length === 3)
  expect(counted).toHaveLength(1)
})

const refused: Record<BadRequestCode, string> = {
  malformed_request: 'hello\r\n\r\n',
  request_timeout: 'GET / HTTP/1.1\r\n',
  headers_too_large: get('/', `A: ${'x'.repeat(4_000)}`),
  too_many_connections: '',
}
const rows = docRows('ERRORS.md', 'HTTP servers of the command')

test('docs/ERRORS.md has exactly one row for each refusal', () => {
  expect(rows.map(([code]) => code)).toEqual(Object.keys(refused))
})

test.each(rows)('%s is answered with the error %s, and counted', async (code, status) => {
  const { open, counted } = await start(code === 'too_many_connections' ? 1 : 2)
  const other = open(get('/stream'))
  await until('another connection', () => other.received !== '')
  const client = open(refused[code as BadRequestCode])
  await until('the end', () => client.isClosed)
  const [head = '', body = ''] = client.received.split('\r\n\r\n')
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(JSON.parse(body)).toEqual({ error: { code, message: expect.any(String) } })
  expect(counted).toEqual([['http_refused', 1, code]])
})

test('no error is written into a response that is being sent', async () => {
  const { open } = await start()
  const client = open(get('/stream'))
  await until('the beginning', () => client.received.includes('begin'))
  client.socket.write('hello\r\n\r\n')
  await until('the end', () => client.isClosed)
  expect(client.received).not.toContain('malformed_request')
})

test('a connection that is reset is not counted as a refusal', async () => {
  const { server, counted, open } = await start()
  const client = open(get('/stream'))
  await until('the beginning', () => client.received.includes('begin'))
  const closed = once(server, 'clientError')
  client.socket.resetAndDestroy()
  await closed
  expect(counted).toEqual([])
})

test('thousands of requests without a host in one write have one answer', async () => {
  const { open, counted } = await start()
  const client = open('GET / HTTP/1.1\r\n\r\n'.repeat(3_000))
  await until('the end', () => client.isClosed)
  expect(client.received).toMatch(/^HTTP\/1\.1 400 .*"code":"malformed_request"/s)
  expect(counted).toEqual([['http_refused', 1, 'malformed_request']])
})

test.each([
  ['without a host in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
  ['with an expectation that is not known', get('/', 'Host: x\r\nExpect: x\r\nConnection: close')],
])('a request is answered like others: %s', async (_request, text) => {
  const { open, counted } = await start()
  const client = open(text)
  await until('the end', () => client.isClosed)
  expect(client.received).toMatch(/^HTTP\/1\.1 200 .*ok/s)
  expect(counted).toEqual([])
})

test('a connection that closes makes room for another one', async () => {
  const { open, counted } = await start(1)
  for (let i = 0; i < 3; i++) {
    const client = open(get('/', 'Host: x\r\nConnection: close'))
    await until('the end', () => client.isClosed)
    expect(client.received).toMatch(/ok$/)
  }
  expect(counted).toEqual([])
})

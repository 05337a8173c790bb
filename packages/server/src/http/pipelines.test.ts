import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer } from 'node:http'
import { memoryEngine } from '@headcount/core'
import { until } from '@headcount/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createHeadcount } from '../headcount.js'
import { RawClient } from '../test/raw-client.js'
import { listen, noConnections, serve } from '../test/serve.js'

/** With these group names every text of counts has 20 KB, and soon fills the buffers of the kernel. */
const largeGroups = ['u'.repeat(10_000), 'v'.repeat(10_000)]

const stream = '/api/counts/video:42/stream'

test('pipelined requests are all answered, in their order', async () => {
  const { port } = await serve()
  const client = new RawClient(port)
  const topics = Array.from({ length: 15 }, (_, i) => `video:${i}`)
  client.get(...topics.map((topic) => `/api/counts/${topic}`))
  await until('15 responses', () => client.responses === 15)
  const answered = [...client.received.matchAll(/"topic":"([^"]+)"/g)].map(([, topic]) => topic)
  expect(answered).toEqual(topics)
  client.get('/healthz')
  await until('a response to a later request', () => client.received.endsWith('{"status":"ok"}'))
})

test('a request is not handled before the previous response is sent', async () => {
  const pending: (() => void)[] = []
  const read = () => new Promise<number[][]>((resolve) => pending.push(() => resolve([[0, 0]])))
  const { port, get } = await serve({ engine: { ...memoryEngine(), read } })
  const client = new RawClient(port)
  client.get('/api/counts/a', '/api/counts/b', '/api/counts/c')
  for (let handled = 1; handled <= 3; handled++) {
    await until('a read', () => pending.length === handled)
    await get('/healthz')
    expect([pending.length, client.responses]).toEqual([handled, handled - 1])
    pending.at(-1)!()
    await until('a response', () => client.responses === handled)
  }
})

test('streams that have not started do not outlive their connection', async () => {
  const { port, get, metric } = await serve({ http: { streams: 30 } })
  const clients = Array.from({ length: 20 }, () => new RawClient(port))
  for (const client of clients) client.get(...Array(15).fill(stream))
  await until('20 streams', async () => (await metric('streams')) === 20)
  for (const client of clients) client.socket.destroy()
  await until('no stream', async () => (await metric('streams')) === 0)
  await until('no topic', async () => (await metric('topics')) === 0)
  const stop = new AbortController()
  expect((await get(stream, { signal: stop.signal })).status).toBe(200)
  stop.abort()
})

test('a stream behind a response of the application does not start before it', async () => {
  const headcount = createHeadcount()
  onTestFinished(() => headcount.close())
  let isWaiting = false
  const url = await listen(
    createServer((request, response) =>
      headcount.handle(request, response, () => {
        isWaiting = true
      }),
    ),
  )
  const client = new RawClient(Number(new URL(url).port))
  client.get('/slow', stream, stream)
  await until('the request of the application', () => isWaiting)
  client.socket.destroy()
  const other = new RawClient(Number(new URL(url).port))
  other.get('/healthz')
  await until('a response', () => other.responses === 1)
  const headers = { authorization: `Bearer ${headcount.operator.key}` }
  expect(await (await fetch(`${url}/metrics`, { headers })).text()).toContain('headcount_streams 0\n')
})

test("the application handles a request in that request's asynchronous context", async () => {
  const headcount = createHeadcount()
  onTestFinished(() => headcount.close())
  const user = new AsyncLocalStorage<string | undefined>()
  const server = createServer((request, response) =>
    user.run(request.url, () => headcount.handle(request, response, () => response.end(`of ${user.getStore()} `))),
  )
  const client = new RawClient(Number(new URL(await listen(server)).port))
  client.get('/a', '/b', '/c')
  await until('three responses', () => client.responses === 3)
  expect(client.received.match(/of \S+/g)).toEqual(['of /a', 'of /b', 'of /c'])
})

test('a request that the application answers before its turn is not handled, and later ones are', async () => {
  const { headcount } = await serve()
  const passed: unknown[] = []
  const url = await listen((request, response) => {
    headcount.handle(request, response, () => void passed.push(request.url))
    if (request.url !== '/healthz') response.end('the time limit of the application')
  })
  const client = new RawClient(Number(new URL(url).port))
  client.get('/mine', '/api/counts/a', '/socket/longpoll?vsn=2.0.0')
  await until('its answers', () => client.responses === 3)
  client.get('/healthz')
  await until('the next answer', () => client.received.endsWith('{"status":"ok"}'))
  expect(passed).toEqual([])
})

test('the stall timeout does not apply to later responses of the application', async () => {
  const { headcount } = await serve({ http: { stallTimeout: 100 } })
  const server = createServer((request, response) =>
    headcount.handle(request, response, () => void setTimeout(() => response.end('slow'), 400)),
  )
  // Otherwise Node sets a timeout of its own.
  server.keepAliveTimeout = 0
  const client = new RawClient(Number(new URL(await listen(server)).port))
  client.get('/healthz')
  await until('an answer', () => client.received.endsWith('{"status":"ok"}'))
  client.get('/mine')
  await until('the next answer', () => client.isClosed || client.received.endsWith('slow'))
  expect(client.isClosed).toBe(false)
})

test('a stream ends when its client closes its half of the connection', async () => {
  const { port, metric } = await serve()
  const client = new RawClient(port)
  client.get(stream)
  await until('a stream', async () => (await metric('streams')) === 1)
  client.socket.end()
  await until('no stream', async () => (await metric('streams')) === 0)
  await until('the end', () => client.isClosed)
})

test('a connection with too many requests is not read further, and closed after the first responses', async () => {
  const { port, server, get, metric } = await serve()
  let requests = 0
  server.on('request', () => requests++)
  const client = new RawClient(port)
  client.get(...Array(1_500).fill('/healthz'))
  expect((await get('/healthz')).status).toBe(200)
  await until('the end', () => client.isClosed)
  expect(client.responses).toBe(16)
  expect(client.received.split('Connection: close').length - 1).toBe(1)
  expect(await metric('http_refused_total{code="pipelined"}')).toBe(1)
  // Node makes no response for dropped requests: 16, and the one of another client.
  expect(requests).toBe(17)
})

test.each([
  ['many headers', '/healthz', Array.from({ length: 500 }, (_, i) => `${i}: x\r\n`).join('')],
  ['long URLs', `/healthz?${'x'.repeat(15_500)}`, ''],
])('requests with %s reach the limit of a connection sooner', async (_what, path, headers) => {
  const { port, server, metric } = await serve()
  let requests = 0
  server.on('request', () => requests++)
  const client = new RawClient(port)
  client.socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`.repeat(10))
  await until('the end', () => client.isClosed)
  expect([requests, client.responses]).toEqual([2, 2])
  expect(await metric('http_refused_total{code="pipelined"}')).toBe(1)
})

test('connections with too many requests, also with bodies, do not affect others', async () => {
  const { port, server, get } = await serve()
  const post = 'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc'
  const clients = Array.from({ length: 10 }, () => new RawClient(port))
  for (const client of clients) client.socket.write(post.repeat(1_000))
  for (const client of clients) await until('the end', () => client.isClosed)
  for (let i = 0; i < 20; i++) expect((await get('/healthz')).status).toBe(200)
  const later = new RawClient(port)
  later.socket.write(post.repeat(15))
  await until('15 responses', () => later.responses === 15)
  server.closeIdleConnections()
  await noConnections({ server })
})

test('a connection that pipelines and does not read is not handled further, and closed', async () => {
  let reads = 0
  const engine = memoryEngine()
  const read = (topics: readonly string[]) => {
    reads += 1
    return engine.read(topics)
  }
  const { port, server, metric } = await serve({
    engine: { ...engine, read },
    groups: largeGroups,
    http: { stallTimeout: 200 },
  })
  const client = new RawClient(port)
  client.socket.pause()
  // Responses of a megabyte.
  const path = `/api/counts?${Array.from({ length: 50 }, (_, i) => `topic=${i}`).join('&')}`
  client.get(...Array(15).fill(path))
  await until('it is cut off', async () => (await metric('http_refused_total{code="stalled"}')) === 1)
  expect(reads).toBeLessThan(50)
  await noConnections({ server })
})

test('the text of /metrics is made at most once a second', async () => {
  let made = 0
  const { port } = await serve({
    operatorKey: 'key',
    metrics: {
      ...{ count() {}, gauge() {}, observe() {}, contentType: 'text/plain' },
      text: async () => `made ${++made}\n`,
    },
  })
  const client = new RawClient(port)
  client.get(...Array(15).fill('/metrics?access_token=key'))
  await until('15 responses', () => client.responses === 15)
  expect(made).toBeLessThanOrEqual(2)
  await until('a new text', async () => {
    const seen = made
    await fetch(`http://127.0.0.1:${port}/metrics?access_token=key`)
    return made > seen
  })
})

test('a stream whose client reads nothing is closed; one that reads, or has nothing to read, stays', async () => {
  const { headcount, port, metric } = await serve({ groups: largeGroups, http: { stallTimeout: 300 } })
  const [stalled, reading, quiet] = [new RawClient(port), new RawClient(port), new RawClient(port)]
  const topics = Array.from({ length: 50 }, (_, i) => `${i}`)
  const path = `/api/counts/stream?${topics.map((topic) => `topic=${topic}`).join('&')}`
  stalled.get(path)
  reading.get(path)
  quiet.get(stream)
  await until('three streams', async () => (await metric('streams')) === 3)
  stalled.socket.pause()
  let tracked = 0
  await until('one is cut off', async () => {
    tracked += 1
    for (const topic of topics) headcount.track(topic, `${tracked}`)
    reading.received = ''
    return (await metric('http_refused_total{code="stalled"}')) === 1
  })
  await until('two streams', async () => (await metric('streams')) === 2)
  expect([reading.isClosed, quiet.isClosed]).toEqual([false, false])
})

import * as http2 from 'node:http2'
import { connect } from 'node:net'
import { until, WireClient } from '@headcount/testing'
import { expect, onTestFinished, test } from 'vitest'
import { appWith } from '../test/http-app.js'
import { data, OneTopic } from '../test/one-topic.js'
import { expectProblem } from '../test/problem.js'
import { RawClient } from '../test/raw-client.js'
import { listen, noConnections, type Served, serve } from '../test/serve.js'
import { nodeListener } from './node-listener.js'

async function stream({ get }: Served, topic: string) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const response = await get(`/api/counts/${topic}/stream`, { signal: stop.signal })
  return { response, stop, reader: response.body!.pipeThrough(new TextDecoderStream()).getReader() }
}

test('a stream has the counts that sockets are sent, and its reader is not counted', async () => {
  const served = await serve()
  const { response, reader } = await stream(served, 'video:42')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store, no-transform')
  expect(response.headers.get('x-accel-buffering')).toBe('no')
  expect(response.headers.get('transfer-encoding')).toBeNull()
  let text = ''
  const includes = async (event: string) => {
    while (!text.includes(event)) text += (await reader.read()).value
  }
  await includes(data(0, 0))
  expect(text).toMatch(/^retry: \d{4}\n\n/)
  const client = await WireClient.open(served.url)
  await client.join('video:42')
  await includes(data(0, 1))
  served.headcount.track('video:42', 'kiosk', { group: 'users' })
  await includes(data(1, 1))
  client.drop()
  await includes(data(1, 0))
})

test('a stream whose reader disconnects is closed', async () => {
  const served = await serve()
  const [one, other] = [await stream(served, 'video:42'), await stream(served, 'video:42')]
  for (const { reader } of [one, other]) await reader.read()
  expect(await served.metric('streams')).toBe(2)
  expect(await served.metric('topics')).toBe(1)
  one.stop.abort()
  await until('one stream', async () => (await served.metric('streams')) === 1)
  expect(await served.metric('topics')).toBe(1)
  other.stop.abort()
  await until('no stream', async () => (await served.metric('streams')) === 0)
  await until('no topic', async () => (await served.metric('topics')) === 0)
})

test('HEAD of a stream does not subscribe', async () => {
  const { get, metric } = await serve()
  const response = await get('/api/counts/video:42/stream', { method: 'HEAD' })
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(await response.text()).toBe('')
  expect(await metric('streams')).toBe(0)
  expect(await metric('topics')).toBe(0)
})

test('a stopping server ends its streams and opens no others', async () => {
  const served = await serve()
  const streams = await Promise.all(['video:1', 'video:2', 'video:3'].map((topic) => stream(served, topic)))
  for (const { reader } of streams) await reader.read()
  await served.headcount.close()
  for (const { reader } of streams) while (!(await reader.read()).done);
  await noConnections(served)
  await expectProblem(await served.get('/api/counts/video:1/stream'), 'unavailable')
})

async function serveTopic() {
  const source = new OneTopic(0, 0)
  const app = appWith(source)
  const url = await listen(nodeListener(app.main, () => {}))
  return { source, url, port: Number(new URL(url).port) }
}

test('a reader that stops reading skips changes and is sent the newest counts later', async () => {
  const { source, port } = await serveTopic()
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write('GET /api/counts/video:42/stream HTTP/1.1\r\nHost: x\r\n\r\n')
  await until('a subscriber', () => source.subscribers.size === 1)
  socket.pause()
  // Far more than the kernel and the response buffer together.
  const changes = 300_000
  for (let i = 1; i <= changes; i++) {
    source.set(0, i)
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  let events = 0
  let text = ''
  socket.on('data', (chunk) => {
    text = (text + chunk).slice(-4_096)
    events += String(chunk).split('data: ').length - 1
  })
  socket.resume()
  await until('the newest counts', () => text.includes(data(0, changes)))
  expect(events).toBeLessThan(changes / 2)
})

test('a client of HTTP/1.0 is sent the events without chunks, and the connection is closed after them', async () => {
  const { port, headcount } = await serve()
  const client = new RawClient(port)
  client.socket.write('GET /api/counts/video:42/stream HTTP/1.0\r\n\r\n')
  await until('the counts', () => client.received.endsWith(data(0, 0)))
  headcount.track('video:42', 'kiosk')
  await until('a change', () => client.received.endsWith(data(0, 0) + data(0, 1)))
  expect(client.received).not.toMatch(/transfer-encoding/i)
  await headcount.close()
  await until('the end', () => client.isClosed)
})

test('a client of HTTP/2 has a stream beside other requests, until it cancels it', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => void warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const { headcount, metric } = await serve()
  // Its types name the requests of HTTP/1 only.
  const server = http2.createServer((request, response) => headcount.handle(request as never, response as never))
  const session = http2.connect(await listen(server))
  onTestFinished(() => session.destroy())
  let text = ''
  const request = session.request({ ':path': '/api/counts/video:42/stream' })
  request.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  await until('the counts', () => text.endsWith(data(0, 0)))
  headcount.track('video:42', 'kiosk')
  await until('a change', () => text.endsWith(data(0, 1)))
  expect(warnings).toEqual([])
  request.close()
  await until('no stream', async () => (await metric('streams')) === 0)
})

test.each([
  '/api/counts/video:42/stream',
  '/api/counts/stream?topic=video:1&topic=video:2',
  '/api/counts/stream?topic=video:1&count=true',
])('while memory is short, a stream is refused: %s', async (path) => {
  const served = await serve({ limits: { memoryShare: 0.0001 } })
  const refused = await served.get(path)
  expect(refused.headers.get('retry-after')).toBe('5')
  await expectProblem(refused, 'overloaded')
  const browser = await served.get(path, { headers: { accept: 'text/event-stream' } })
  expect([browser.status, await browser.text()]).toEqual([200, expect.stringMatching(/^retry: \d+\n\n$/)])
  expect([await served.metric('streams'), await served.metric('topics')]).toEqual([0, 0])
  expect(await served.metric('http_refused_total{code="overloaded"}')).toBe(2)
})

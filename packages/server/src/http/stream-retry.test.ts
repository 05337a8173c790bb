import { memoryEngine } from '@headcount/core'
import { until } from '@headcount/testing'
import { expect, onTestFinished, test } from 'vitest'
import { appWith, failingSource } from '../test/http-app.js'
import { expectProblem } from '../test/problem.js'
import { type Served, serve } from '../test/serve.js'
import { retryLine } from './stream-retry.js'

const paths = ['/api/counts/a/stream', '/api/counts/stream?topic=a&topic=b']
const browser = { headers: { accept: 'text/event-stream' } }

/** Expects an empty stream that makes a browser reconnect. */
async function expectComeBack({ get }: Pick<Served, 'get'>, path: string): Promise<void> {
  const response = await get(path, browser)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
  expect(await response.text()).toMatch(/^retry: \d{4}\n\n$/)
}

test('browsers that lose their streams together reconnect at different times', () => {
  expect(retryLine(2000, () => 0)).toBe('retry: 1000\n\n')
  expect(retryLine(2000, () => 0.9999)).toBe('retry: 3000\n\n')
})

test.each(paths)('a stopping server makes browsers reconnect, and other readers get an error: %s', async (path) => {
  const served = await serve()
  const open = await served.get(path, browser)
  await served.headcount.close()
  expect(await open.text()).toMatch(/^retry: \d+\n\n/)
  await expectComeBack(served, path)
  await expectProblem(await served.get(path), 'unavailable')
  expect(await served.metric('http_refused_total{code="unavailable"}')).toBe(2)
})

test.each(paths)('too many streams make a browser reconnect: %s', async (path) => {
  const served = await serve({ http: { streams: 1 } })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  await served.get('/api/counts/b/stream', { signal: stop.signal })
  await until('a stream', async () => (await served.metric('streams')) === 1)
  await expectComeBack(served, path)
  await expectProblem(await served.get(path), 'too_many_streams')
  expect(await served.metric('http_refused_total{code="too_many_streams"}')).toBe(2)
})

test.each(paths)('an error of the server makes a browser reconnect: %s', async (path) => {
  const { main } = appWith(failingSource)
  const get = async (path: string, init?: RequestInit) => main.request(path, init)
  await expectComeBack({ get }, path)
  await expectProblem(await get(path), 'internal')
})

test.each(paths)('a stream opens while the engine is unreachable, and waits for its counts: %s', async (path) => {
  let isAway = true
  const engine = memoryEngine()
  const watch = (topic: string) => (isAway ? Promise.reject(new Error('away')) : engine.watch(topic))
  const { get } = await serve({ engine: { ...engine, watch } })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const response = await get(path, { ...browser, signal: stop.signal })
  expect(response.status).toBe(200)
  isAway = false
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (text.includes('data: ')) break
  }
})

test('if reconnecting is useless, the status is an error', async () => {
  const auth = { secret: 's'.repeat(32) }
  const { get } = await serve({ auth, topics: [{ pattern: 'room', access: 'users' }] })
  await expectProblem(await get('/api/counts/room/stream', browser), 'unauthorized')
  await expectProblem(await get('/api/counts/room/stream?token=x', browser), 'invalid_token')
  await expectProblem(await get('/api/counts/stream?topic=other', browser), 'unmatched_topic')
  await expectProblem(await get('/api/counts/stream', browser), 'missing_topic')
  await expectProblem(await get('/api/counts/room/stream/x', browser), 'not_found')
})

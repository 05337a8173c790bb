import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Totals } from '@headcount/protocol'
import { createAdaptorServer } from '@hono/node-server'
import { afterEach, expect, test } from 'vitest'
import { createMetrics } from '../metrics/prometheus.js'
import { type HttpOptions, httpApp } from './app.js'
import type { CountsSource } from './source.js'

/** Topics under `video:` and `a/`, whose totals the test sets. */
class VideoTopics implements CountsSource {
  readonly totals = new Map<string, Totals>()
  readonly listeners = new Map<string, Set<(totals: Totals) => void>>()
  reason: string | undefined
  set(topic: string, ...totals: number[]) {
    this.totals.set(topic, totals)
    for (const listener of this.listeners.get(topic) ?? []) listener(totals)
  }
  allows = (topic: string) => topic.startsWith('video:') || topic.includes('/') || topic.includes('<')
  async read(topics: readonly string[]) {
    if (this.reason !== undefined) throw new Error(this.reason)
    return topics.map((topic) => this.totals.get(topic) ?? [0, 0])
  }
  trouble = () => this.reason
  follow(topic: string, listener: (totals: Totals) => void) {
    const listeners = this.listeners.get(topic) ?? new Set()
    this.listeners.set(topic, listeners.add(listener))
    listener(this.totals.get(topic) ?? [0, 0])
    return () => void listeners.delete(listener)
  }
  followers = (topic: string) => this.listeners.get(topic)?.size ?? 0
}

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

async function start(options: Partial<HttpOptions> = {}) {
  const source = new VideoTopics()
  const app = httpApp({ source, groups: ['users', 'viewers'], ...options })
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return { source, server, port, url, get: (path: string, init?: RequestInit) => fetch(url + path, init) }
}

/** Sends a request as it stands and gives the head and body of the answer. */
async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(request)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('expected the condition within 5 s, got none')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const counts = (users: number, viewers: number) => ({ users: { count: users }, viewers: { count: viewers } })
const expectProblem = async (answer: Response, status: number, code: string) => {
  const body = await answer.json()
  expect({ status: answer.status, body }).toEqual({
    status,
    body: { error: { code, message: expect.stringMatching(/./) } },
  })
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
}

test('GET /api/counts/:topic answers the topic and its counts', async () => {
  const { source, get } = await start()
  source.set('video:42', 12, 340)
  const answer = await get('/api/counts/video:42')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.text()).toBe(
    '{"topic":"video:42","counts":{"users":{"count":12},"viewers":{"count":340}}}',
  )
})

test('a topic is read whether its colon is percent-encoded or not, and slashes that are', async () => {
  const { source, get } = await start()
  source.set('video:42', 1, 0)
  source.set('a/b%2F?é', 2, 0)
  expect((await (await get('/api/counts/video%3A42')).json()).counts).toEqual(counts(1, 0))
  expect(await (await get(`/api/counts/${encodeURIComponent('a/b%2F?é')}`)).json()).toEqual({
    topic: 'a/b%2F?é',
    counts: counts(2, 0),
  })
})

test('GET /api/counts answers many topics, unknown ones as zeros', async () => {
  const { source, get } = await start()
  source.set('video:1', 1, 2)
  const answer = await get('/api/counts?topic=video:1&topic=video%3A2&topic=video:1&topic=video:__proto__')
  expect(await answer.text()).toBe(
    '{"counts":{"video:1":{"users":{"count":1},"viewers":{"count":2}},' +
      '"video:2":{"users":{"count":0},"viewers":{"count":0}},' +
      '"video:__proto__":{"users":{"count":0},"viewers":{"count":0}}}}',
  )
})

test('1 to 100 topics a call', async () => {
  const { get } = await start()
  const ask = (n: number) =>
    get(`/api/counts?${Array.from({ length: n }, (_, i) => `topic=video:${i}`).join('&')}`)
  expect(Object.keys((await (await ask(100)).json()).counts)).toHaveLength(100)
  await expectProblem(await ask(101), 400, 'too_many_topics')
  await expectProblem(await ask(0), 400, 'missing_topic')
  await expectProblem(await get('/api/counts'), 400, 'missing_topic')
})

test('a topic is 1 to 255 bytes of UTF-8', async () => {
  const { get } = await start()
  expect((await get(`/api/counts/video:${'a'.repeat(249)}`)).status).toBe(200)
  await expectProblem(await get(`/api/counts/video:${'a'.repeat(250)}`), 400, 'invalid_topic')
  await expectProblem(await get(`/api/counts/video:${'%C3%A9'.repeat(125)}`), 400, 'invalid_topic')
  await expectProblem(await get(`/api/counts/video:${'a'.repeat(250)}/stream`), 400, 'invalid_topic')
  await expectProblem(await get('/api/counts?topic=video:1&topic='), 400, 'invalid_topic')
})

test('a topic that no pattern allows is not found, and is not repeated in the answer', async () => {
  const { get } = await start()
  for (const path of [
    '/api/counts/room:1',
    '/api/counts/room:1/stream',
    '/api/counts?topic=video:1&topic=room:1',
  ]) {
    const answer = await get(path)
    expect(await answer.clone().text()).not.toContain('room')
    await expectProblem(answer, 404, 'unmatched_topic')
  }
})

test('a URL that is no UTF-8 is told so, and not read as another topic', async () => {
  const { get } = await start()
  for (const path of ['/api/counts/video:%ff', '/api/counts/video:%E0%A4%A', '/api/counts?topic=video:%zz']) {
    await expectProblem(await get(path), 400, 'malformed_url')
  }
})

test('a topic that looks like HTML is never sent as HTML', async () => {
  const { get } = await start()
  const answer = await get(`/api/counts/${encodeURIComponent('<script>alert(1)</script>')}`)
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
})

test('counts that cannot be read are a 503 that keeps the cause to ourselves', async () => {
  const reported: unknown[] = []
  const { source, get } = await start({ report: (error, route) => reported.push([String(error), route]) })
  source.reason = 'redis://:hunter2@db is gone'
  for (const path of ['/api/counts/video:42', '/api/counts?topic=video:42']) {
    const answer = await get(path)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.clone().text()).not.toContain('hunter2')
    await expectProblem(answer, 503, 'unavailable')
  }
  expect(reported).toEqual([
    ['Error: redis://:hunter2@db is gone', 'GET /api/counts'],
    ['Error: redis://:hunter2@db is gone', 'GET /api/counts'],
  ])
})

test('/healthz is 200 while the process lives, /readyz says why not', async () => {
  const { source, get } = await start()
  expect((await get('/readyz')).status).toBe(200)
  expect(await (await get('/readyz')).json()).toEqual({ status: 'ready' })
  source.reason = 'stopping'
  expect((await get('/healthz')).status).toBe(200)
  const answer = await get('/readyz')
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({ error: { code: 'not_ready', message: 'stopping' } })
})

test('/metrics is Prometheus text where there are metrics, and else is not there', async () => {
  const metrics = createMetrics({ process: false })
  metrics.count('joins', 3)
  const { get } = await start({ metrics })
  const answer = await get('/metrics')
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(await answer.text()).toContain('headcount_joins_total 3\n')
  await expectProblem(await (await start()).get('/metrics'), 404, 'not_found')
})

test('unknown routes are a JSON 404, also the page where the demo is off', async () => {
  const { get } = await start()
  for (const path of [
    '/',
    '/nope',
    '/api',
    '/api/nope',
    '/api/counts/video:1/',
    '/demo/crowd',
    '/api/counts/a/b/c',
  ])
    await expectProblem(await get(path), 404, 'not_found')
})

test('a method that a route does not take is a 405 that says which it takes', async () => {
  const { get } = await start({ metrics: createMetrics({ process: false }) })
  const paths = [
    '/api/counts',
    '/api/counts/video:1',
    '/api/counts/video:1/stream',
    '/healthz',
    '/readyz',
    '/metrics',
  ]
  for (const path of paths) {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await get(path, { method })
      expect(answer.headers.get('allow')).toBe('GET, HEAD')
      await expectProblem(answer, 405, 'method_not_allowed')
    }
  }
})

test('HEAD answers as GET does without a body, and a stream follows nothing', async () => {
  const { source, get } = await start()
  const answer = await get('/api/counts/video:42/stream', { method: 'HEAD' })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(await answer.text()).toBe('')
  expect(source.followers('video:42')).toBe(0)
})

test("pages of the server's own host may read; others only where the origins allow it", async () => {
  const own = await start()
  const ask = (url: string, origin: string) => fetch(`${url}/api/counts/video:1`, { headers: { origin } })
  const allowed = (answer: Response) => answer.headers.get('access-control-allow-origin')
  expect(allowed(await ask(own.url, own.url))).toBe(own.url)
  expect(allowed(await ask(own.url, own.url.replace('http', 'https')))).toBe(own.url.replace('http', 'https'))
  expect(allowed(await ask(own.url, 'http://127.0.0.1:5173'))).toBe('http://127.0.0.1:5173')
  for (const origin of ['http://evil.example', 'http://127.0.0.1.evil.example', 'null', 'nonsense']) {
    expect(allowed(await ask(own.url, origin))).toBeNull()
  }
  const open = await start({ allowsOrigin: (origin) => origin === 'https://site.example' })
  const answer = await ask(open.url, 'https://site.example')
  expect(allowed(answer)).toBe('https://site.example')
  expect(answer.headers.get('vary')).toBe('Origin')
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  expect(allowed(await ask(open.url, 'https://other.example'))).toBeNull()
})

test('errors and streams can be read across origins too, and a preflight is answered', async () => {
  const { get } = await start({ allowsOrigin: () => true })
  const headers = { origin: 'https://site.example' }
  for (const path of ['/api/counts/room:1', '/api/counts', '/api/counts/video:%ff']) {
    const answer = await get(path, { headers })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://site.example')
  }
  const stop = new AbortController()
  const stream = await get('/api/counts/video:1/stream', { headers, signal: stop.signal })
  expect(stream.headers.get('access-control-allow-origin')).toBe('https://site.example')
  stop.abort()
  const preflight = await get('/api/counts/video:1', {
    method: 'OPTIONS',
    headers: {
      ...headers,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-thing',
    },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe('https://site.example')
  expect(preflight.headers.get('access-control-allow-methods')).toBe('GET,HEAD')
})

test('a stream says the counts and each change, and unfollows at once when the client goes', async () => {
  const metrics = createMetrics({ process: false })
  const { source, get } = await start({ metrics })
  source.set('video:42', 0, 1)
  const stop = new AbortController()
  const answer = await get('/api/counts/video:42/stream', { signal: stop.signal })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('cache-control')).toBe('no-store, no-transform')
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader.read()).value).toBe(
    'retry: 2000\n\ndata: {"users":{"count":0},"viewers":{"count":1}}\n\n',
  )
  source.set('video:42', 1, 1)
  expect((await reader.read()).value).toBe('data: {"users":{"count":1},"viewers":{"count":1}}\n\n')
  expect(source.followers('video:42')).toBe(1)
  expect(await metrics.text()).toContain('headcount_streams 1\n')
  stop.abort()
  await until(() => source.followers('video:42') === 0)
  expect(await metrics.text()).toContain('headcount_streams 0\n')
})

test('streams end when the server stops, and none begins after', async () => {
  const stop = new AbortController()
  const { source, server, get } = await start({ signal: stop.signal })
  const streams = await Promise.all([1, 2, 3].map((n) => get(`/api/counts/video:${n}/stream`)))
  const texts = streams.map((answer) => answer.text())
  await until(() => source.followers('video:3') === 1)
  const closed = once(server, 'close')
  stop.abort()
  server.close()
  for (const text of await Promise.all(texts)) expect(text).toContain('data: ')
  server.closeIdleConnections()
  await closed
  expect(source.followers('video:1')).toBe(0)
  const app = httpApp({ source, groups: ['users', 'viewers'], signal: stop.signal })
  await expectProblem(await app.request('/api/counts/video:1/stream'), 503, 'unavailable')
})

test('a reader that does not read costs no memory, and is told the newest when it reads on', async () => {
  const { source, port } = await start()
  source.set('video:42', 0, 0)
  const socket = connect(port, '127.0.0.1')
  undo.push(() => socket.destroy())
  socket.write('GET /api/counts/video:42/stream HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => source.followers('video:42') === 1)
  socket.pause()
  // Far more than the kernel and the response keep between them.
  const changes = 300_000
  for (let i = 1; i <= changes; i++) {
    source.set('video:42', 0, i)
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  let events = 0
  let text = ''
  socket.on('data', (chunk) => {
    text = (text + chunk).slice(-4_096)
    events += String(chunk).split('data: ').length - 1
  })
  socket.resume()
  await until(() => text.includes(`{"count":${changes}}`))
  expect(events).toBeLessThan(changes / 10)
})

test('only so many streams are open at once', async () => {
  const { source, get } = await start({ maxStreams: 2 })
  const stop = new AbortController()
  await get('/api/counts/video:1/stream', { signal: stop.signal })
  await get('/api/counts/video:1/stream')
  await until(() => source.followers('video:1') === 2)
  await expectProblem(await get('/api/counts/video:1/stream'), 503, 'too_many_streams')
  stop.abort()
  await until(() => source.followers('video:1') === 1)
  expect((await get('/api/counts/video:1/stream')).status).toBe(200)
})

async function page() {
  const files = await mkdtemp(join(tmpdir(), 'headcount-page-'))
  undo.push(() => rm(files, { recursive: true }))
  await mkdir(join(files, 'site/assets'), { recursive: true })
  await writeFile(join(files, 'secret.txt'), 'secret')
  await writeFile(join(files, 'site/index.html'), '<!doctype html><title>Headcount</title>')
  await writeFile(join(files, 'site/favicon.svg'), '<svg/>')
  await writeFile(join(files, 'site/assets/index-B5x2Kq9d.js'), 'export {}')
  await writeFile(join(files, 'site/assets/index-B5x2Kq9d.css'), 'a{}')
  const nobody = { viewers: 0, users: 0 }
  const crowd = { wanted: nobody, here: nobody, resize() {} }
  const signIn = async () => ({ token: 't', name: 'n' })
  return start({ demo: { files: join(files, 'site'), signIn, crowd } })
}

test('the page is served with its types, its hashed files for good and the rest for now', async () => {
  const { get } = await page()
  const index = await get('/')
  expect(index.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(index.headers.get('cache-control')).toBe('no-cache')
  expect(await index.text()).toContain('<title>Headcount</title>')
  const script = await get('/assets/index-B5x2Kq9d.js')
  expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect((await get('/assets/index-B5x2Kq9d.css')).headers.get('content-type')).toMatch(/^text\/css/)
  const icon = await get('/favicon.svg')
  expect(icon.headers.get('content-type')).toMatch(/^image\/svg/)
  expect(icon.headers.get('cache-control')).toBe('no-cache')
})

test('the page may load and call nothing but its own server, and is framed by no other', async () => {
  const { get } = await page()
  const { headers } = await get('/')
  expect(headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'self'")
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('strict-transport-security')).toBeNull()
})

test('a path that a browser opens is the page; a file or route that is not there is a JSON 404', async () => {
  const { get } = await page()
  const html = { headers: { accept: 'text/html,*/*' } }
  expect(await (await get('/watch/42', html)).text()).toContain('<title>Headcount</title>')
  for (const path of ['/assets/gone-12345678.js', '/assets/gone', '/gone.png', '/api/nope', '/demo/nope'])
    await expectProblem(await get(path, html), 404, 'not_found')
  await expectProblem(await get('/watch/42'), 404, 'not_found')
  await expectProblem(await get('/', { method: 'POST' }), 405, 'method_not_allowed')
})

test('no path leads out of the directory', async () => {
  const { port } = await page()
  const paths = [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '//secret.txt',
    '/%252e%252e%252fsecret.txt',
    '/assets/%00/../../secret.txt',
    '/etc/passwd',
    '//etc/passwd',
  ]
  for (const path of paths) {
    const answer = await raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(answer, path).toMatch(/^HTTP\/1\.1 40[04] /)
    expect(answer.split('\r\n\r\n')[1], path).not.toMatch(/secret$|root:/)
  }
})

import { once } from 'node:events'
import { connect } from 'node:net'
import { memoryEngine } from '@headcount/core'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { appWith, failingSource } from '../test/http-app.js'
import { expectProblem } from '../test/problem.js'
import { listen, serve } from '../test/serve.js'

test('/healthz is 200 while the process runs, /readyz is 503 with a reason when the server stops', async () => {
  const { headcount, get } = await serve({ operatorKey: 'the-key' })
  expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' })
  expect(await (await get('/readyz')).json()).toEqual({ status: 'ready' })
  await headcount.close()
  expect((await get('/healthz')).status).toBe(200)
  const response = await get('/readyz')
  expect(await response.clone().json()).toEqual({ error: { code: 'not_ready', message: 'draining' } })
  await expectProblem(response, 'not_ready')
  for (const path of ['/api/counts?topic=a', '/api/counts/a', '/api/counts/a/stream'])
    await expectProblem(await get(path), 'unavailable')
  await expect(headcount.counts('a')).rejects.toMatchObject({ code: 'closed' })
  expect(await (await get('/metrics', { headers: { authorization: 'Bearer the-key' } })).text()).toContain(
    'headcount_ready 0',
  )
})

test('while the server drains, each response closes its connection, so no later request is lost on it', async () => {
  const { headcount, get } = await serve()
  const answer = async (path: string) => {
    const { status, headers } = await get(path)
    return [status, headers.get('connection')]
  }
  expect(await answer('/api/counts/a')).toEqual([200, 'keep-alive'])
  void headcount.close({ delay: 60_000 })
  expect(await answer('/api/counts/a')).toEqual([200, 'close'])
  expect(await answer('/readyz')).toEqual([503, 'close'])
})

test('a probe in HTTP/1.0 without a Host header is answered', async () => {
  const { port } = await serve()
  const socket = connect(port, '127.0.0.1', () => socket.write('GET /readyz HTTP/1.0\r\n\r\n'))
  let response = ''
  for await (const bytes of socket) response += bytes
  expect(response).toMatch(/^HTTP\/1\.1 200 /)
  expect(response).toMatch(/{"status":"ready"}$/)
})

test("/readyz is 503 while the engine is unreachable, and only the log has the engine's error", async () => {
  const commit = () => Promise.reject(new Error('connection refused'))
  const { headcount, get, logged } = await serve({ engine: { ...memoryEngine(), commit } })
  headcount.track('video:42', 'a')
  await expect.poll(async () => (await get('/readyz')).status).toBe(503)
  const answer = await (await get('/readyz')).json()
  expect(answer).toEqual({ error: { code: 'not_ready', message: 'engine unreachable' } })
  expect(logged.join()).toContain('connection refused')
  expect((await get('/healthz')).status).toBe(200)
})

test('/readyz is 503 while there is no room for another socket', async () => {
  const { get, port, metric } = await serve({ limits: { sockets: 1 } })
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket/websocket`)
  await once(socket, 'open')
  const answer = await (await get('/readyz')).json()
  expect(answer).toEqual({ error: { code: 'not_ready', message: 'sockets' } })
  expect(await metric('ready')).toBe(0)
  socket.close()
  await expect.poll(async () => (await get('/readyz')).status).toBe(200)
})

test('without an operator key each server generates a random one', async () => {
  const [one, other] = [await serve(), await serve()]
  expect(one.headcount.operator.key).toMatch(/^[\w-]{32}$/)
  expect(one.headcount.operator.key).not.toBe(other.headcount.operator.key)
  expect(await one.metric('sockets')).toBe(0)
})

test('the operator handler serves metrics and health without a key, and no counts', async () => {
  const { headcount } = await serve()
  const url = await listen(headcount.operator.handle)
  const metrics = await fetch(`${url}/metrics`)
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await metrics.text()
  for (const line of ['headcount_sockets 0\n', 'process_resident_memory_bytes ']) expect(text).toContain(line)
  for (const path of ['/healthz', '/readyz']) expect((await fetch(url + path)).status).toBe(200)
  for (const path of ['/api/counts/a', '/']) await expectProblem(await fetch(url + path), 'not_found')
})

test.each([
  ['GET /api/counts/a', 'a b%'],
  ['GET /api/counts/a/stream', 'x/y?z'],
  ['OPTIONS *', 'x'],
  ['GET /\\api/counts/a', 'x'],
])('a request that makes no URL is a JSON 400, and is counted: %s at the host "%s"', async (start, host) => {
  const { port, metric } = await serve()
  const socket = connect(port, '127.0.0.1')
  socket.write(`${start} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  let response = ''
  for await (const bytes of socket) response += bytes
  expect(response).toMatch(/^HTTP\/1\.1 400 /)
  expect(response).toContain('{"error":{"code":"malformed_url","message":"')
  expect(await metric('http_refused_total{code="malformed_url"}')).toBe(1)
})

test('an unknown route is a JSON 404', async () => {
  const { get } = await serve()
  const paths = ['/', '/nope', '/api', '/api/nope', '/api/counts/a/', '/api/counts/a/b/c', '/metrics/x']
  for (const path of paths) await expectProblem(await get(path), 'not_found')
})

test('a method that a route does not allow is a 405 that names the allowed ones', async () => {
  const { get } = await serve()
  for (const path of ['/api/counts', '/api/counts/a', '/api/counts/a/stream', '/healthz', '/readyz', '/metrics']) {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const response = await get(path, { method })
      expect(response.headers.get('allow')).toBe('GET, HEAD')
      await expectProblem(response, 'method_not_allowed')
    }
  }
})

test('HEAD is answered like GET, without a body', async () => {
  const { headcount, get } = await serve()
  const headers = { authorization: `Bearer ${headcount.operator.key}` }
  for (const path of ['/api/counts/a', '/api/counts?topic=a', '/healthz', '/metrics']) {
    const response = await get(path, { method: 'HEAD', headers })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe((await get(path, { headers })).headers.get('content-type'))
    expect(await response.text()).toBe('')
  }
})

test('an internal error is a 500 without details, and is reported without the topic', async () => {
  const reported: unknown[] = []
  const report = (error: unknown, route: string) => reported.push(String(error), route)
  const { main } = appWith(failingSource, { report })
  const response = await main.request('/api/counts/video:42')
  expect(await response.clone().text()).not.toContain('secret')
  await expectProblem(response, 'internal')
  expect(reported).toEqual(['Error: a secret', 'GET /api'])
})

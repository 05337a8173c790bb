import { connect } from 'node:net'
import { memoryEngine } from '@headcount/core'
import { type Running, startHeadcount } from '@headcount/testing'
import { afterEach, expect, test } from 'vitest'
import type { HeadcountOptions } from '../headcount.js'
import { expectProblem } from '../test/problem.js'
import { httpApp } from './app.js'
import type { CountsSource } from './source.js'

const running: Running[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})

async function start(options: HeadcountOptions = {}) {
  const server = await startHeadcount(options)
  running.push(server)
  return { ...server, get: (path: string, init?: RequestInit) => fetch(server.url + path, init) }
}

const groups = ['users', 'viewers']
const nowhere: CountsSource = {
  allows: () => true,
  read: async (topics) => topics.map(() => [0, 0]),
  follow: () => () => {},
  trouble: () => undefined,
}

test('/healthz is 200 while the process lives, /readyz says why it should be sent no sockets', async () => {
  const { headcount, get } = await start()
  expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' })
  expect(await (await get('/readyz')).json()).toEqual({ status: 'ready' })
  await headcount.close()
  expect((await get('/healthz')).status).toBe(200)
  const answer = await get('/readyz')
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({ error: { code: 'not_ready', message: 'stopping' } })
})

test('a probe in HTTP/1.0 without a host, as balancers send it, is answered', async () => {
  const { port } = await start()
  const socket = connect(port, '127.0.0.1', () => socket.write('GET /readyz HTTP/1.0\r\n\r\n'))
  let answer = ''
  for await (const bytes of socket) answer += bytes
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(answer).toMatch(/{"status":"ready"}$/)
})

test('/readyz says it while the cluster cannot be told', async () => {
  const engine = memoryEngine()
  const commit = async () => {
    throw new Error('the cluster is away')
  }
  const { headcount, get } = await start({ engine: { ...engine, commit } })
  headcount.track('video:42', 'a')
  await expect.poll(async () => (await get('/readyz')).status).toBe(503)
  expect((await get('/healthz')).status).toBe(200)
})

test('/metrics is Prometheus text, and not there without metrics', async () => {
  const { get } = await start()
  const answer = await get('/metrics')
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await answer.text()
  expect(text).toContain('headcount_sockets 0\n')
  expect(text).toContain('process_resident_memory_bytes ')
  const without = httpApp({ source: nowhere, groups })
  await expectProblem(await without.request('/metrics'), 404, 'not_found')
})

test('an unknown route is a JSON 404, and so is the page where the demo is off', async () => {
  const { get } = await start()
  const paths = ['/', '/nope', '/api', '/api/nope', '/api/counts/a/', '/api/counts/a/b/c', '/demo/crowd']
  for (const path of paths) await expectProblem(await get(path), 404, 'not_found')
})

test('a method that a route does not take is a 405 that says which it takes', async () => {
  const { get } = await start()
  const paths = ['/api/counts', '/api/counts/a', '/api/counts/a/stream', '/healthz', '/readyz', '/metrics']
  for (const path of paths) {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await get(path, { method })
      expect(answer.headers.get('allow')).toBe('GET, HEAD')
      await expectProblem(answer, 405, 'method_not_allowed')
    }
  }
})

test('HEAD answers as GET does, without a body', async () => {
  const { get } = await start()
  for (const path of ['/api/counts/a', '/api/counts?topic=a', '/healthz', '/metrics']) {
    const answer = await get(path, { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe((await get(path)).headers.get('content-type'))
    expect(await answer.text()).toBe('')
  }
})

test('a fault of ours is a 500 that says nothing of it, and is reported without the topic', async () => {
  const reported: unknown[] = []
  const app = httpApp({
    source: {
      ...nowhere,
      allows() {
        throw new Error('a secret of ours')
      },
    },
    groups,
    report: (error, route) => reported.push(String(error), route),
  })
  const answer = await app.request('/api/counts/video:42')
  expect(await answer.clone().text()).not.toContain('secret')
  await expectProblem(answer, 500, 'internal')
  expect(reported).toEqual(['Error: a secret of ours', 'GET /api'])
})

import { memoryEngine } from '@headcount/core'
import { type Running, startHeadcount, WireClient } from '@headcount/testing'
import { afterEach, describe, expect, test } from 'vitest'
import type { HeadcountOptions } from '../headcount.js'
import { expectProblem } from '../test/problem.js'
import { counts } from '../test/test-server.js'

const running: Running[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})

async function start(options: HeadcountOptions = {}) {
  const server = await startHeadcount(options)
  running.push(server)
  const get = (path: string, init?: RequestInit) => fetch(server.url + path, init)
  return { ...server, get }
}

describe('one topic', () => {
  test('is answered with its name and its counts', async () => {
    const { headcount, get } = await start()
    for (const key of ['a', 'b', 'c']) headcount.track('video:42', key, { group: 'users' })
    headcount.track('video:42', 'd', { group: 'viewers' })
    const answer = await get('/api/counts/video:42')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.text()).toBe('{"topic":"video:42","counts":{"users":{"count":3},"viewers":{"count":1}}}')
  })

  test('is read whether its colon is percent-encoded or not, and with slashes that are', async () => {
    const { headcount, get } = await start()
    const odd = 'a/b%2F?é #.'
    headcount.track('video:42', 'a', { group: 'users' })
    headcount.track(odd, 'a', { group: 'viewers' })
    expect(await (await get('/api/counts/video%3A42')).json()).toMatchObject({ counts: counts(1, 0) })
    expect(await (await get(`/api/counts/${encodeURIComponent(odd)}`)).json()).toEqual({
      topic: odd,
      counts: counts(0, 1),
    })
  })

  test('counts sockets, and its readers as nobody', async () => {
    const { url, get } = await start()
    const client = await WireClient.open(url)
    await client.join('video:42')
    for (let i = 0; i < 5; i++) {
      expect(await (await get('/api/counts/video:42')).json()).toMatchObject({ counts: counts(0, 1) })
    }
    client.drop()
  })

  test('that looks like HTML is never sent as HTML', async () => {
    const { get } = await start()
    const answer = await get(`/api/counts/${encodeURIComponent('<script>alert(1)</script>')}`)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('many topics', () => {
  test('are answered each with its counts, unknown ones with zeros', async () => {
    const { headcount, get } = await start()
    headcount.track('video:1', 'a', { group: 'viewers' })
    const answer = await get('/api/counts?topic=video:1&topic=video%3A2&topic=video:1&topic=__proto__')
    expect(await answer.text()).toBe(
      '{"counts":{"video:1":{"users":{"count":0},"viewers":{"count":1}},' +
        '"video:2":{"users":{"count":0},"viewers":{"count":0}},' +
        '"__proto__":{"users":{"count":0},"viewers":{"count":0}}}}',
    )
  })

  test('are 1 to 100 a call', async () => {
    const { get } = await start()
    const ask = (n: number) => get(`/api/counts?${Array.from({ length: n }, (_, i) => `topic=video:${i}`).join('&')}`)
    expect(Object.keys((await (await ask(100)).json()).counts)).toHaveLength(100)
    await expectProblem(await ask(101), 400, 'too_many_topics')
    await expectProblem(await ask(0), 400, 'missing_topic')
    await expectProblem(await get('/api/counts'), 400, 'missing_topic')
  })
})

describe('what is no topic', () => {
  test('is more than 255 bytes of UTF-8, or none', async () => {
    const { get } = await start()
    expect((await get(`/api/counts/${'a'.repeat(255)}`)).status).toBe(200)
    await expectProblem(await get(`/api/counts/${'a'.repeat(256)}`), 400, 'invalid_topic')
    await expectProblem(await get(`/api/counts/${'%C3%A9'.repeat(128)}`), 400, 'invalid_topic')
    await expectProblem(await get(`/api/counts/${'a'.repeat(256)}/stream`), 400, 'invalid_topic')
    await expectProblem(await get('/api/counts?topic=video:1&topic='), 400, 'invalid_topic')
  })

  test('is what no pattern allows: it is not found, and not repeated in the answer', async () => {
    const { get } = await start({ topics: ['video:*'] })
    const paths = ['/api/counts/room:1', '/api/counts/room:1/stream', '/api/counts?topic=video:1&topic=room:1']
    for (const path of paths) {
      const answer = await get(path)
      expect(await answer.clone().text()).not.toContain('room')
      await expectProblem(answer, 404, 'unmatched_topic')
    }
  })

  test('is a URL that is no UTF-8: it is told so, and not read as another topic', async () => {
    const { get } = await start()
    for (const path of ['/api/counts/video:%ff', '/api/counts/video:%E0%A4%A', '/api/counts?topic=video:%zz'])
      await expectProblem(await get(path), 400, 'malformed_url')
  })
})

test('counts that cannot be read are a 503 that keeps the cause to ourselves', async () => {
  const engine = memoryEngine()
  const read = async () => {
    throw new Error('redis://:hunter2@db is gone')
  }
  const { get, logged } = await start({ engine: { ...engine, read } })
  for (const path of ['/api/counts/video:42', '/api/counts?topic=video:42']) {
    const answer = await get(path)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.clone().text()).not.toContain('hunter2')
    await expectProblem(answer, 503, 'unavailable')
  }
  expect(logged()).toContain('"route":"GET /api/counts"')
  expect(logged()).not.toContain('video:42')
})

describe('across origins', () => {
  const allowed = (answer: Response) => answer.headers.get('access-control-allow-origin')
  const from = (origin: string) => ({ headers: { origin } })

  test("pages of the server's own host may read, and by default no others", async () => {
    const { url, get } = await start()
    for (const origin of [url, url.replace('http', 'https'), 'http://127.0.0.1:5173'])
      expect(allowed(await get('/api/counts/video:1', from(origin)))).toBe(origin)
    for (const origin of ['http://evil.example', 'http://127.0.0.1.evil.example', 'null', 'nonsense'])
      expect(allowed(await get('/api/counts/video:1', from(origin)))).toBeNull()
  })

  test('those that the setting names may read, without credentials', async () => {
    const { get } = await start({ origins: ['https://site.example'] })
    const answer = await get('/api/counts/video:1', from('https://site.example'))
    expect(allowed(answer)).toBe('https://site.example')
    expect(answer.headers.get('vary')).toBe('Origin')
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    expect(allowed(await get('/api/counts/video:1', from('https://other.example')))).toBeNull()
  })

  test('errors and streams can be read too, and a preflight is answered', async () => {
    const { get } = await start({ origins: ['*'], topics: ['video:*'] })
    const headers = { origin: 'https://site.example' }
    for (const path of ['/api/counts/room:1', '/api/counts', '/api/counts/video:%ff']) {
      const answer = await get(path, { headers })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(allowed(answer)).toBe('https://site.example')
    }
    const stop = new AbortController()
    const stream = await get('/api/counts/video:1/stream', { headers, signal: stop.signal })
    expect(allowed(stream)).toBe('https://site.example')
    stop.abort()
    const preflight = await get('/api/counts/video:1', {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'GET' },
    })
    expect(preflight.status).toBe(204)
    expect(allowed(preflight)).toBe('https://site.example')
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET,HEAD')
  })
})

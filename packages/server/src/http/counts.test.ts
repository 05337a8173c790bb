import { memoryEngine } from '@headcount/core'
import { countsOf } from '@headcount/testing'
import { describe, expect, test } from 'vitest'
import { expectProblem } from '../test/problem.js'
import { serve } from '../test/serve.js'

describe('one topic', () => {
  test('has its name and its counts in the response', async () => {
    const { headcount, get } = await serve()
    for (const key of ['a', 'b', 'c']) headcount.track('video:42', key, { group: 'users' })
    headcount.track('video:42', 'd', { group: 'viewers' })
    const response = await get('/api/counts/video:42')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('public, max-age=1')
    expect(await response.text()).toBe('{"topic":"video:42","counts":{"users":{"count":3},"viewers":{"count":1}}}')
  })

  test('may be percent-encoded', async () => {
    const { headcount, get } = await serve()
    const odd = 'a/b%2F?é #.'
    headcount.track('video:42', 'a', { group: 'users' })
    headcount.track(odd, 'a', { group: 'viewers' })
    expect(await (await get('/api/counts/video%3A42')).json()).toMatchObject({ counts: countsOf(1, 0) })
    const path = `/api/counts/${encodeURIComponent(odd)}`
    expect(await (await get(path)).json()).toEqual({ topic: odd, counts: countsOf(0, 1) })
  })

  test('that contains HTML is never sent as HTML', async () => {
    const { get } = await serve()
    const response = await get(`/api/counts/${encodeURIComponent('<script>alert(1)</script>')}`)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('several topics', () => {
  test('have their counts in the response, unknown ones zeros', async () => {
    const { headcount, get } = await serve()
    headcount.track('video:1', 'a', { group: 'viewers' })
    const response = await get('/api/counts?topic=video:1&topic=video%3A2&topic=video:1&topic=__proto__')
    expect(await response.text()).toBe(
      '{"counts":{"video:1":{"users":{"count":0},"viewers":{"count":1}},' +
        '"video:2":{"users":{"count":0},"viewers":{"count":0}},' +
        '"__proto__":{"users":{"count":0},"viewers":{"count":0}}}}',
    )
  })

  test('are 1 to 100 per request', async () => {
    const { get } = await serve()
    const request = (n: number) =>
      get(`/api/counts?${Array.from({ length: n }, (_, i) => `topic=video:${i}`).join('&')}`)
    expect(Object.keys((await (await request(100)).json()).counts)).toHaveLength(100)
    await expectProblem(await request(101), 'too_many_topics')
    await expectProblem(await request(0), 'missing_topic')
    await expectProblem(await get('/api/counts'), 'missing_topic')
  })
})

describe('a topic is refused', () => {
  test('if it is empty or longer than 255 bytes of UTF-8', async () => {
    const { get } = await serve()
    expect((await get(`/api/counts/${'a'.repeat(255)}`)).status).toBe(200)
    await expectProblem(await get(`/api/counts/${'a'.repeat(256)}`), 'invalid_topic')
    await expectProblem(await get(`/api/counts/${'%C3%A9'.repeat(128)}`), 'invalid_topic')
    await expectProblem(await get(`/api/counts/${'a'.repeat(256)}/stream`), 'invalid_topic')
    await expectProblem(await get('/api/counts?topic='), 'invalid_topic')
  })

  test('if no pattern allows it, and the response does not repeat it', async () => {
    const { get } = await serve({ topics: ['video:*'] })
    for (const path of ['/rooms', '/rooms/stream', '?topic=rooms', '/stream?topic=rooms']) {
      const response = await get(`/api/counts${path}`)
      expect(await response.clone().text()).not.toContain('room')
      await expectProblem(response, 'unmatched_topic')
    }
  })

  test('if its URL is not UTF-8, so that no other topic is read', async () => {
    const { get } = await serve()
    for (const path of ['/api/counts/video:%ff', '/api/counts/video:%E0%A4%A', '/api/counts?topic=video:%zz'])
      await expectProblem(await get(path), 'malformed_url')
  })
})

test('if the engine fails to read counts, the status is 503, and only the kind of error is logged', async () => {
  const read = () => Promise.reject(new Error('redis://:hunter2@db'))
  const { get, logged } = await serve({ engine: { ...memoryEngine(), read } })
  for (const path of ['/api/counts/video:42', '/api/counts?topic=video:42']) {
    const response = await get(path)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await response.clone().text()).not.toContain('hunter2')
    await expectProblem(response, 'unavailable')
  }
  expect(logged.at(-1)).toBe(
    '{"event":"request_failed","error":"Error","route":"GET /api/counts","message":"request failed"}',
  )
})

describe('across origins', () => {
  const allowed = (response: Response) => response.headers.get('access-control-allow-origin')
  const from = (origin: string) => ({ headers: { origin } })

  test("by default only pages of the server's own host may read", async () => {
    const { url, get } = await serve()
    for (const origin of [url, url.replace('http', 'https'), 'http://127.0.0.1:5173'])
      expect(allowed(await get('/api/counts/video:1', from(origin)))).toBe(origin)
    for (const origin of ['http://evil.example', 'http://127.0.0.1.evil.example', 'null', 'nonsense'])
      expect(allowed(await get('/api/counts/video:1', from(origin)))).toBeNull()
  })

  test('pages of the configured origins may read, without credentials', async () => {
    const { get } = await serve({ origins: ['https://site.example'] })
    const response = await get('/api/counts/video:1', from('https://site.example'))
    expect(allowed(response)).toBe('https://site.example')
    expect(response.headers.get('vary')).toBe('Authorization, Origin')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    expect(allowed(await get('/api/counts/video:1', from('https://other.example')))).toBeNull()
  })

  test('errors and streams may be read too, and a preflight is answered', async () => {
    const { get } = await serve({ origins: ['*'], topics: ['video:*'] })
    const headers = { origin: 'https://site.example' }
    for (const path of ['/api/counts/room:1', '/api/counts', '/api/counts/video:%ff']) {
      const response = await get(path, { headers })
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(allowed(response)).toBe('https://site.example')
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

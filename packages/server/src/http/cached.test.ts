import { expect, test } from 'vitest'
import { signToken } from '../auth/sign.js'
import { serve } from '../test/serve.js'

const secret = 's'.repeat(32)

test.each(['/api/counts/a', '/api/counts?topic=a&topic=b'])(
  'a reader that has the current counts gets no body: %s',
  async (path) => {
    const { headcount, get } = await serve()
    const first = await get(path)
    const tag = first.headers.get('etag')!
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const again = await get(path, { headers: { 'if-none-match': known } })
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag])
      expect(again.headers.get('cache-control')).toBe('public, max-age=1')
      expect(again.headers.get('vary')).toBe('Authorization, Origin')
    }
    headcount.track('a', 'x')
    await headcount.counts('a')
    const changed = await get(path, { headers: { 'if-none-match': tag } })
    expect([changed.status, changed.headers.get('etag') === tag]).toEqual([200, false])
  },
)

test('responses that needed a token are not in shared caches', async () => {
  const { get } = await serve({ auth: { secret } })
  const token = await signToken(secret, '7', { expires: 60_000 })
  for (const response of [
    await get('/api/counts/a', { headers: { authorization: `Bearer ${token}` } }),
    await get(`/api/counts/a?token=${token}`),
  ])
    expect(response.headers.get('cache-control')).toBe('private, no-cache')
})

test('errors are not cached', async () => {
  const { get } = await serve({ topics: [] })
  const response = await get('/api/counts/a')
  expect([response.headers.get('cache-control'), response.headers.get('etag')]).toEqual(['no-store', null])
})

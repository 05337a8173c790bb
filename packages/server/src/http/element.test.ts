import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { serve } from '../test/serve.js'
import { isOurs } from './routes.js'

const paths = ['/headcount.js', '/headcount-streams.js']

test.each(paths)('pages of every site may load %s, and caches may store it', async (path) => {
  const { get } = await serve({ origins: ['https://site.example'] })
  const response = await get(path, { headers: { origin: 'https://other.example' } })
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'public, max-age=3600',
    vary: 'Accept-Encoding',
  })
  const tag = response.headers.get('etag')!
  const again = await get(path, { headers: { 'if-none-match': tag } })
  expect([again.status, await again.text(), again.headers.get('access-control-allow-origin')]).toEqual([304, '', '*'])
})

test('a client that accepts gzip gets it, with a separate ETag', async () => {
  const { headcount } = await serve()
  const load = async (encoding: string) => {
    const headers = { 'accept-encoding': encoding }
    const response = await headcount.fetch(new Request('http://host/headcount.js', { headers }))
    const { headers: answered } = response
    return { answered, body: Buffer.from(await response.arrayBuffer()) }
  }
  const [plain, packed] = [await load('br'), await load('deflate, gzip;q=0.8')]
  expect([plain.answered.get('content-encoding'), packed.answered.get('content-encoding')]).toEqual([null, 'gzip'])
  expect(gunzipSync(packed.body).equals(plain.body)).toBe(true)
  expect(packed.answered.get('etag')).not.toBe(plain.answered.get('etag'))
  for (const refused of ['gzip;q=0', 'gzip; q=0.0'])
    expect((await load(refused)).answered.get('content-encoding')).toBeNull()
})

test('other methods are refused, and other paths are left to the application', async () => {
  const { get } = await serve()
  const response = await get('/headcount.js', { method: 'POST' })
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect(paths.map((path) => isOurs(path, () => false))).toEqual([true, true])
  expect(['/headcount.json', '/headcountxjs', '/js/headcount.js'].map((path) => isOurs(path, () => false))).toEqual([
    false,
    false,
    false,
  ])
})

import { expect, test } from 'vitest'
import { operatorPort } from '../test/operator-port.js'
import { expectProblem } from '../test/problem.js'
import { type Served, serve } from '../test/serve.js'
import { isOwnHost } from './operator-access.js'

const paths = ['/metrics', '/api/topics', '/api/topics/a', '/api/replicas']
const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })

function expectHeaders({ headers }: Response): void {
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'")
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('access-control-allow-origin')).toBeNull()
}

test.each(paths)(
  '%s requires the key on the main port and none on the operator port, and is never cached',
  async (path) => {
    const served = await serve({ operatorKey: 'the-key', origins: ['*'] })
    const origin = { origin: 'https://example.com' }
    for (const request of [{ headers: origin }, bearer('other'), { method: 'HEAD' }]) {
      const response = await served.get(path, request)
      expect(response.status).toBe(401)
      expectHeaders(response)
    }
    for (const [url, request] of [[path, bearer('the-key')], [`${path}?access_token=the-key`]] as const) {
      const response = await served.get(url, request)
      expect(response.status).toBe(200)
      expectHeaders(response)
    }
    const response = await (await operatorPort(served))(path)
    expect(response.status).toBe(200)
    expectHeaders(response)
  },
)

test('without the key, the answer does not depend on whether a topic exists, is shielded or is allowed', async () => {
  const { headcount, get } = await serve({ topics: [{ pattern: 'a', shield: 5 }, 'b'] })
  headcount.track('a', 'x')
  const answers = await Promise.all(['a', 'b', 'c', '%00canary'].map((topic) => get(`/api/topics/${topic}`)))
  const bodies = await Promise.all(answers.map((answer) => answer.text()))
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401])
  expect(new Set(bodies).size).toBe(1)
})

test.each([
  ...['', 'Bearer', 'Basic dGhlLWtleTo=', 'the-key'].map((header) => [header, false] as const),
  ...['Bearer the-ke', 'Bearer the-key2'].map((header) => [header, true] as const),
])('the error says whether a key is missing or wrong: %s, %s', async (authorization, isWrong) => {
  const { get } = await serve({ operatorKey: 'the-key' })
  const response = await get('/metrics', { headers: { authorization } })
  const message = isWrong
    ? "this is not the operator's key"
    : "this route requires the operator's key as a bearer token"
  expect(await response.clone().json()).toMatchObject({ error: { message } })
  await expectProblem(response, 'unauthorized')
  const error = isWrong ? ', error="invalid_token"' : ''
  expect(response.headers.get('www-authenticate')).toBe(`Bearer realm="headcount"${error}`)
})

test('an address that tries keys must wait, and not even the right one is looked at meanwhile', async () => {
  const { get, metric } = await serve({ operatorKey: 'the-key' })
  for (let i = 0; i < 5; i++) await expectProblem(await get('/api/topics', bearer(`wrong-${i}`)), 'unauthorized')
  const refused = await get('/metrics', bearer('the-key'))
  expect(refused.headers.get('retry-after')).toBe('1')
  await expectProblem(refused, 'too_many_keys')
  // A request without a key is not an attempt.
  await expectProblem(await get('/metrics'), 'unauthorized')
  expect(await metric('invalid_keys_total{reason="wrong"}')).toBe(5)
  expect(await metric('invalid_keys_total{reason="slowed"}')).toBe(1)
  expect((await get('/healthz')).status).toBe(200)
  await expect.poll(async () => (await get('/metrics', bearer('the-key'))).status, { timeout: 5_000 }).toBe(200)
})

test('addresses behind a trusted proxy are distinguished', async () => {
  const { get } = await serve({ operatorKey: 'the-key', trustProxy: ['127.0.0.0/8'] })
  const from = (address: string, key: string) =>
    get('/metrics', { headers: { 'x-forwarded-for': address, authorization: `Bearer ${key}` } })
  for (let i = 0; i < 5; i++) await from('203.0.113.7', 'wrong')
  expect((await from('203.0.113.7', 'the-key')).status).toBe(429)
  expect((await from('203.0.113.8', 'the-key')).status).toBe(200)
})

test('the operator port refuses a public host name, unless the request has the key', async () => {
  const served: Served = await serve({ operatorKey: 'the-key' })
  const get = await operatorPort(served)
  for (const path of paths) await expectProblem(await get(path, 'rebound.example.com:9464'), 'foreign_host')
  for (const host of ['localhost:9464', '10.0.0.7:9464', '[::1]:9464', 'headcount-1:9464', 'node.svc.cluster.local'])
    expect((await get('/api/topics', host)).status).toBe(200)
  const key = { authorization: 'Bearer the-key' }
  expect((await get('/api/topics', 'metrics.example.com', key)).status).toBe(200)
  expect((await get('/healthz', 'example.com')).status).toBe(200)
})

test('an address that tries keys at the operator port by a public name must wait, also at the main port', async () => {
  const served = await serve({ operatorKey: 'the-key' })
  const get = await operatorPort(served)
  const guess = (key: string) => get('/api/topics', 'rebound.example.com', { authorization: `Bearer ${key}` })
  for (let i = 0; i < 5; i++) await expectProblem(await guess(`wrong-${i}`), 'unauthorized')
  await expectProblem(await guess('the-key'), 'too_many_keys')
  await expectProblem(await get('/metrics?access_token=the-key', 'example.com'), 'too_many_keys')
  await expectProblem(await served.get('/metrics', bearer('the-key')), 'too_many_keys')
  expect(await served.metric('invalid_keys_total{reason="wrong"}')).toBe(5)
  // No key is checked there, so none can be tried.
  expect((await get('/api/topics', 'localhost', { authorization: 'Bearer wrong' })).status).toBe(200)
})

test.each([
  ['LOCALHOST.', true],
  ['app.localhost', true],
  ['printer.local:80', true],
  ['10.1.2.3', true],
  ['[fe80::1]:80', true],
  ['example.com', false],
  ['localhost.example.com', false],
  ['notlocalhost.com', false],
  ['127.0.0.1.example.com', false],
  ['10.0.0.1.nip.io', false],
  ['evil-local.com', false],
  ['[x.example]', false],
])('the host %s is internal: %s', (host, isOwn) => {
  expect(isOwnHost(host)).toBe(isOwn)
})

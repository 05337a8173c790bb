import { request } from 'node:http'
import { until } from '@headcount/testing'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { expect, test } from 'vitest'
import type { HeadcountOptions } from '../options.js'
import { listen, type Served, serve } from '../test/serve.js'
import { asymmetricToken, unfetchable } from '../test/tokens.js'

const path = '/socket/longpoll?vsn=2.0.0'
const join = JSON.stringify(['1', '1', 'video', 'phx_join', {}])
const ndjson = { 'content-type': 'application/x-ndjson' }

interface Answer {
  readonly status: number
  readonly token: string
  readonly messages: readonly string[]
  readonly error?: { readonly code: string }
}

/** Requests the path; the answer's body, its HTTP status and its headers. */
async function ask({ get }: Served, token?: string, init: RequestInit = {}, url = path) {
  const response = await get(token === undefined ? url : `${url}&token=${token}`, init)
  return { http: response.status, headers: response.headers, ...((await response.json()) as Answer) }
}

const post = (served: Served, token: string, body: string, headers: Record<string, string> = ndjson) =>
  ask(served, token, { method: 'POST', body, headers })

async function open(options: HeadcountOptions = {}) {
  const served = await serve(options)
  const { token } = await ask(served)
  return { served, token }
}

test('a session opens with 410, accepts messages with 200, and answers polls with 200 or 204', async () => {
  const { served, token } = await open({ limits: { pollWindow: 200 } })
  expect(await post(served, token, join)).toMatchObject({ http: 200, status: 200 })
  const polled = await ask(served, token)
  expect(polled).toMatchObject({ http: 200, status: 200 })
  expect(polled.messages[0]).toBe('["1","1","video","phx_reply",{"status":"ok","response":{}}]')
  expect(polled.headers.get('cache-control')).toBe('no-store')
  expect(polled.headers.get('content-type')).toBe('application/json; charset=utf-8')
  let { token: next, ...last } = await ask(served, polled.token)
  if (last.status === 200) ({ token: next, ...last } = await ask(served, next))
  expect(last).toMatchObject({ http: 200, status: 204, messages: [] })
  expect(await served.metric('pollers')).toBe(1)
  expect(await served.metric('sockets')).toBe(1)
  expect(await served.metric('long_polls_total{status="204"}')).toBe(1)
})

test('the token of the session may be in the header of the stock client 1.9', async () => {
  const { served, token } = await open()
  const headers = { ...ndjson, 'x-phoenix-longpoll-token': token }
  expect(await ask(served, undefined, { method: 'POST', body: join, headers })).toMatchObject({ status: 200 })
  expect(await ask(served, undefined, { headers })).toMatchObject({ status: 200 })
})

test.each([
  ['objects to the stock client of 1.2', 'vsn=1.0.0', { 'content-type': 'application/json' }, 'object'],
  ['texts to later ones', 'vsn=2.0.0', { 'content-type': 'application/json' }, 'string'],
  ['texts to other clients of version 1', 'vsn=1.0.0', {}, 'string'],
])('messages are sent as %s', async (_, vsn, headers, kind) => {
  const served = await serve()
  const url = `/socket/longpoll?${vsn}`
  const { token } = await ask(served, undefined, {}, url)
  const body = vsn === 'vsn=1.0.0' ? JSON.stringify({ topic: 'video', event: 'phx_join', payload: {}, ref: '1' }) : join
  await ask(served, token, { method: 'POST', body }, url)
  const { messages } = await ask(served, token, { headers }, url)
  expect(messages.map((message) => typeof message)).toEqual(messages.map(() => kind))
  expect(JSON.stringify(messages)).toContain('phx_reply')
})

test('doubled and trailing slashes, and paths without a version, are accepted', async () => {
  const served = await serve()
  for (const url of ['//socket//longpoll/?vsn=1.0.0', '/socket/longpoll', '/socket/longpoll/'])
    expect([url, (await ask(served, undefined, {}, url)).status]).toEqual([url, 410])
  expect((await served.get('/socket/longpolls')).status).toBe(404)
})

test('a poll of an unknown session is answered with 410, and further polls with 500', async () => {
  const { served, token } = await open()
  const unknown = token.replace(/\.0$/, '.7')
  const gone = await ask(served, unknown)
  expect(gone).toMatchObject({ http: 200, status: 410, messages: [] })
  // A client of 1.7 continues to poll with the token of this answer, as if it had joined: it must restart.
  expect(await ask(served, gone.token)).toMatchObject({ http: 200, status: 500 })
  expect(await post(served, gone.token, join)).toMatchObject({ http: 200, status: 410 })
  expect(await ask(served, 'lp1.made.up')).toMatchObject({ status: 410, token: gone.token })
  expect(await post(served, 'made-up', join)).toMatchObject({ status: 410 })
  expect(await served.metric('sockets')).toBe(0)
})

test("a user's token may be a second param `token`, or the header of an authToken", async () => {
  const secret = 's'.repeat(32)
  const served = await serve({ auth: { secret } })
  const user = tokenFor(secret, 'planted-user')
  const asParam = await ask(served, undefined, {}, `${path}&token=${user}&`)
  const asHeader = await ask(served, undefined, { headers: { 'x-phoenix-authtoken': user } })
  for (const { token } of [asParam, asHeader]) {
    expect(token).not.toMatch(/planted/)
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toMatch(/planted/)
    expect(await post(served, `${user}&token=${token}`, join)).toMatchObject({ status: 200 })
  }
  await until('two users', async () => (await served.headcount.counts('video')).users.count === 2)
  expect(served.logged.join()).not.toMatch(/planted|eyJ/)
})

test.each<[string, object, string, RequestInit, number, number, string]>([
  ['of another origin', {}, path, { headers: { origin: 'http://evil.example' } }, 200, 403, 'origin'],
  ['of an image of another site', {}, path, { headers: { 'sec-fetch-site': 'cross-site' } }, 200, 403, 'origin'],
  ['of an unknown version', {}, '/socket/longpoll?vsn=3.0.0', {}, 200, 403, 'unsupported_vsn'],
  ['with a bad token', { invalidToken: 'reject' }, `${path}&token=x`, {}, 200, 403, 'invalid_token'],
  ['whose token cannot be checked', unfetchable, `${path}&token=${asymmetricToken}`, {}, 503, 500, 'unchecked_token'],
])('a request %s is refused', async (_, auth, url, init, http, status, code) => {
  const options =
    Object.keys(auth).length === 0
      ? {}
      : { auth: { ...('jwksUrl' in auth ? {} : { secret: 's'.repeat(32) }), ...auth } }
  const served = await serve(options)
  expect(await ask(served, undefined, init, url)).toMatchObject({ http, status, error: { code } })
  expect(await served.metric(`refused_upgrades_total{code="${code}"}`)).toBe(1)
  expect(await served.metric('sockets')).toBe(0)
})

test('without room a client is sent a status after which the stock client retries', async () => {
  const served = await serve({ limits: { sockets: 1, socketsPerAddress: 1 } })
  await ask(served)
  const refused = await ask(served)
  expect(refused).toMatchObject({ http: 503, status: 500, error: { code: 'too_many_sockets' } })
  expect(refused.headers.get('retry-after')).toBe('5')
})

test('pollers and WebSockets share the limit of sockets per address, until the session ends', async () => {
  const served = await serve({ limits: { socketsPerAddress: 1, pollWindow: 100, pollMargin: 100 } })
  await ask(served)
  expect(await ask(served)).toMatchObject({ http: 429, status: 500, error: { code: 'too_many_of_address' } })
  await until('the end of the first session', async () => (await ask(served)).status === 410)
})

test('pages of allowed origins may poll, with any headers, and those of others may not read', async () => {
  const origin = 'https://www.example.com'
  const served = await serve({ origins: [origin] })
  const allowed = await ask(served, undefined, { headers: { origin } })
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([410, origin])
  const preflight = (from: string) =>
    served.get(path, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-phoenix-longpoll-token',
      },
    })
  const { status, headers } = await preflight(origin)
  expect([status, headers.get('access-control-allow-origin')]).toEqual([204, origin])
  expect(headers.get('access-control-allow-headers')).toBe('content-type,x-phoenix-longpoll-token')
  expect(headers.get('access-control-allow-methods')).toBe('GET, POST')
  expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
  expect((await ask(served, undefined, { headers: { origin: 'https://evil.example' } })).headers.get('vary')).toBe(
    'Origin',
  )
})

test('other methods are refused, and open no session', async () => {
  const served = await serve()
  for (const method of ['HEAD', 'PUT', 'DELETE']) {
    const response = await served.get(path, { method })
    expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'GET, POST, OPTIONS'])
  }
  expect(await served.metric('sockets')).toBe(0)
})

test('a body that is too large is refused with 413 without being read, with or without Content-Length', async () => {
  const { served, token } = await open()
  const large = 'x'.repeat(100_000)
  expect(await post(served, token, large)).toMatchObject({ http: 200, status: 413 })
  const chunked = await new Promise<string>((resolve, reject) => {
    const sent = request(`${served.url}${path}&token=${token}`, { method: 'POST', headers: ndjson }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part) => (text += part))
      response.on('end', () => resolve(text))
    })
    sent.on('error', reject)
    for (let i = 0; i < 20; i++) sent.write('x'.repeat(10_000))
  })
  expect(JSON.parse(chunked)).toEqual({ status: 413 })
  expect(await post(served, token, Buffer.from([0xff, 0xfe]).toString('latin1'))).toMatchObject({ status: 410 })
})

test('a body that is not UTF-8 is refused', async () => {
  const { served, token } = await open()
  const body = new Uint8Array([0x5b, 0xff, 0x5d])
  expect(await ask(served, token, { method: 'POST', body, headers: ndjson })).toMatchObject({ status: 400 })
})

test('a client that leaves in the middle of a POST, or of a poll, leaves nothing behind', async () => {
  const { served, token } = await open({ limits: { pollWindow: 100, pollMargin: 100 } })
  const sent = request(`${served.url}${path}&token=${token}`, { method: 'POST', headers: ndjson })
  sent.on('error', () => {})
  sent.write('[')
  await new Promise((resolve) => sent.once('socket', (socket) => socket.once('connect', resolve)))
  sent.destroy()
  const client = new AbortController()
  const polled = ask(served, token, { signal: client.signal }).catch(() => 'lost')
  await post(served, token, join)
  client.abort()
  await polled
  await until('the end of the session', async () => (await served.metric('sockets')) === 0)
})

test('a closing server answers its waiting polls, and refuses clients until it has stopped', async () => {
  const { served, token } = await open()
  const waiting = ask(served, token)
  await until('the poll to wait', async () => served.headcount.sockets === 1)
  await served.headcount.close()
  const { status, headers } = await waiting
  expect([status, headers.get('connection')]).toEqual([410, 'close'])
  expect(await ask(served)).toMatchObject({ http: 503, status: 500, error: { code: 'unavailable' } })
})

test('an application keeps its other routes, and Express passes on long polls', async () => {
  const { headcount } = await serve()
  const url = await listen((request, response) => headcount.handle(request, response, () => response.end('passed')))
  expect(await (await fetch(url + path)).json()).toMatchObject({ status: 410 })
  expect(await (await fetch(`${url}/socket/other`)).text()).toBe('passed')
})

import { WireClient } from '@headcount/testing'
import { describe, expect, test } from 'vitest'
import { signToken } from '../auth/sign.js'
import { expectProblem } from '../test/problem.js'
import { serve } from '../test/serve.js'
import { asymmetricToken, unfetchable } from '../test/tokens.js'

const secret = 's'.repeat(32)
const sign = (id: string, key = secret, expires = 60_000) => signToken(key, id, { expires })
const tokens = {
  none: undefined,
  undefined: 'undefined',
  'of user 6': await sign('6'),
  'of user 7': await sign('7'),
  'of another key': await sign('7', 'x'.repeat(32)),
  expired: await sign('7', secret, -3_600_000),
  malformed: 'x',
}
type Token = keyof typeof tokens

const start = () =>
  serve({
    auth: { secret },
    topics: ['video:*', 'board:*', 'odd:*', { pattern: 'room:*', access: 'users' }],
    async authorize(topic, { userId }) {
      if (topic.startsWith('odd:')) throw new Error('database away')
      return !topic.startsWith('board:') || userId === '7'
    },
  })

const bearer = (token: string | undefined) => (token === undefined ? {} : { authorization: `Bearer ${token}` })
const query = (token: string | undefined) => (token === undefined ? '' : `&token=${token}`)

describe.each<[Token, board: number, room: number]>([
  ['none', 401, 401],
  ['undefined', 401, 401],
  ['of user 6', 403, 200],
  ['of user 7', 200, 200],
  ['of another key', 401, 401],
  ['expired', 401, 401],
  ['malformed', 401, 401],
])('a reader with the token "%s"', (name, board, room) => {
  const token = tokens[name]
  const odd = name.startsWith('of user') ? 403 : 401

  test.each([
    ['video:1', 200],
    ['board:1', board],
    ['room:1', room],
    ['odd:1', odd],
    ['other', 404],
  ])('may read the topics that its socket may join: %s, with the status %i', async (topic, status) => {
    const { url, get } = await start()
    const init = (headers: object) => ({ headers: { ...headers } })
    const statuses = await Promise.all([
      get(`/api/counts/${topic}`, init(bearer(token))),
      get(`/api/counts/${topic}?${query(token)}`),
      get(`/api/counts?topic=${topic}`, init(bearer(token))),
      get(`/api/counts?topic=${topic}${query(token)}`),
      get(`/api/counts/${topic}/stream`, init(bearer(token))),
      get(`/api/counts/${topic}/stream?${query(token)}`, init({ accept: 'text/event-stream' })),
      get(`/api/counts/stream?topic=${topic}${query(token)}`),
      get(`/api/counts/stream?topic=${topic}`, init(bearer(token))),
    ])
    expect(statuses.map((response) => response.status)).toEqual(Array(8).fill(status))
    for (const { body } of statuses) await body?.cancel()
    const client = await WireClient.open(url, { params: token === undefined ? {} : { token } })
    expect((await client.join(topic)).payload).toMatchObject({ status: status === 200 ? 'ok' : 'error' })
    client.drop()
  })
})

test('each topic of several has its own answer', async () => {
  const { headcount, get, metric } = await start()
  headcount.track('room:1', 'a')
  headcount.track('video:1', 'a')
  const topics = ['video:1', 'board:1', 'room:1', 'other', '', '__proto__']
  const path = `/api/counts?${topics.map((topic) => `topic=${topic}`).join('&')}`
  const codes = (body: { errors: Record<string, { code: string }> }) =>
    Object.entries(body.errors).map(([topic, { code }]) => [topic, code])
  const response = await get(path)
  expect(response.status).toBe(200)
  const anonymous = await response.json()
  expect(anonymous.counts).toEqual({ 'video:1': { users: { count: 0 }, viewers: { count: 1 } } })
  expect(codes(anonymous)).toEqual([
    ['board:1', 'unauthorized'],
    ['room:1', 'unauthorized'],
    ['other', 'unmatched_topic'],
    ['', 'invalid_topic'],
    ['__proto__', 'unmatched_topic'],
  ])
  const user = await (await get(path, { headers: bearer(tokens['of user 6']) })).json()
  expect(Object.keys(user.counts)).toEqual(['video:1', 'room:1'])
  expect(codes(user)[0]).toEqual(['board:1', 'forbidden'])
  expect(await metric('http_refused_total{code="unmatched_topic"}')).toBe(4)
})

test('if no topic may be read, each has an error', async () => {
  const { get } = await start()
  const body = await (await get('/api/counts?topic=room:1&topic=other')).json()
  expect(body.counts).toEqual({})
  expect(Object.keys(body.errors)).toEqual(['room:1', 'other'])
})

test('an error names the scheme of the token, and contains nothing of it', async () => {
  const { get, logged } = await start()
  const missing = await get('/api/counts/room:1')
  expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="headcount"')
  await expectProblem(missing, 'unauthorized')
  const expired = await get('/api/counts/room:1', { headers: bearer(tokens.expired) })
  expect(expired.headers.get('www-authenticate')).toBe('Bearer realm="headcount", error="invalid_token"')
  await expectProblem(expired, 'invalid_token')
  expect(logged).toContain('{"event":"token_expired","refused":false,"message":"expired token"}')
  expect(logged.join()).not.toContain(tokens.expired)
})

test('with invalidToken "reject" a reader with an invalid token may read nothing', async () => {
  const { get } = await serve({ auth: { secret, invalidToken: 'reject' } })
  for (const path of ['/api/counts/a', '/api/counts/a/stream', '/api/counts?topic=a', '/api/counts/stream?topic=a']) {
    await expectProblem(await get(path, { headers: bearer('x') }), 'invalid_token')
    expect((await get(path, { method: 'HEAD' })).status).toBe(200)
  }
})

test('a token whose keys cannot be fetched is a temporary error', async () => {
  const { get } = await serve({ auth: unfetchable, topics: [{ pattern: '*', access: 'users' }] })
  const response = await get('/api/counts/a', { headers: bearer(asymmetricToken) })
  expect(response.headers.get('retry-after')).toBe('1')
  await expectProblem(response, 'unavailable')
  const headers = { accept: 'text/event-stream' }
  const stream = await get(`/api/counts/a/stream?token=${asymmetricToken}`, { headers })
  expect(stream.status).toBe(200)
  expect(await stream.text()).toMatch(/^retry: \d{4}\n\n$/)
})

test('a reader whose token cannot be verified now gets a temporary error, and is not counted as a viewer', async () => {
  const { headcount, get } = await serve({ auth: unfetchable })
  const response = await get('/api/counts/stream?topic=a&count=true', { headers: bearer(asymmetricToken) })
  expect(response.headers.get('retry-after')).toBe('1')
  await expectProblem(response, 'unavailable')
  expect((await headcount.counts('a')).viewers.count).toBe(0)
  expect((await get('/api/counts/a', { headers: bearer(asymmetricToken) })).status).toBe(200)
})

test('other schemes in the header are ignored', async () => {
  const { get } = await start()
  const headers = { authorization: 'Basic c2l0ZTpwYXNzd29yZA==' }
  expect((await get('/api/counts/video:1', { headers })).status).toBe(200)
  await expectProblem(await get('/api/counts/room:1', { headers }), 'unauthorized')
  expect((await get(`/api/counts/room:1?token=${tokens['of user 7']}`, { headers })).status).toBe(200)
})

test('a stream of a topic for users ends when the token expires', async () => {
  const { get } = await start()
  const token = await sign('7', secret, 1000)
  const response = await get('/api/counts/room:1/stream', { headers: bearer(token) })
  expect(response.status).toBe(200)
  const events = await response.text()
  expect(events).toContain('data: {"users":{"count":0}')
}, 15_000)

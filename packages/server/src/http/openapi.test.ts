import { readFileSync } from 'node:fs'
import { until } from '@headcount/testing'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { events } from '../test/events.js'
import { serve } from '../test/serve.js'
import { openApi } from './openapi.js'
import { problems } from './problem.js'
import { type RouteName, routes } from './routes.js'

const secret = 's'.repeat(32)
const document = JSON.parse(JSON.stringify(openApi({ groups: ['users', 'viewers'], maxTopicBytes: 255 })))
const schemas = new Ajv2020({ strict: false }).addSchema(document, 'openapi')

/** The errors of a value by the schema at the path; undefined if it is valid. */
function wrong(path: readonly string[], value: unknown): unknown {
  const pointer = path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
  const validate = schemas.compile({ $ref: `openapi#/${pointer.map(encodeURIComponent).join('/')}` })
  return validate(value) ? undefined : validate.errors
}

const start = () =>
  serve({
    ...{
      auth: { secret },
      operatorKey: 'key',
      settings: [{ path: 'port', value: '4000', source: 'default' }],
      http: { streams: 1_000 },
    },
    topics: [
      { pattern: 'video:*', badge: true },
      { pattern: 'public:*', history: 'readers' },
      { pattern: 'kept:*', history: 'operators' },
      { pattern: 'room:*', access: 'users', history: 'readers' },
      { pattern: 'team:*', access: 'token' },
    ],
  })

const long = 'x'.repeat(256)
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const user = bearer(tokenFor(secret, '7'))

/** Requests of each route: a path and a status, with headers. */
const requests = {
  counts: [
    ['/api/counts?topic=video:1&topic=room:1', 200, {}],
    ['/api/counts?topic=video:1', 304, { 'if-none-match': '*' }],
    ['/api/counts', 400, {}],
    ['/api/counts?topic=room:1', 401, {}],
    ['/api/counts?topic=team:1', 403, user],
    ['/api/counts?topic=other', 404, {}],
  ],
  streams: [
    ['/api/counts/stream?topic=video:1', 200, {}],
    ['/api/counts/stream?topic=video:1&count=x', 400, {}],
    ['/api/counts/stream?topic=room:1', 401, bearer('x')],
    ['/api/counts/stream?topic=video:1&count=true', 403, { origin: 'https://other.example' }],
    ['/api/counts/stream?topic=other', 404, {}],
  ],
  topic: [
    ['/api/counts/video:1', 200, {}],
    ['/api/counts/room:1', 200, user],
    [`/api/counts/${long}`, 400, {}],
    ['/api/counts/room:1', 401, {}],
    ['/api/counts/other', 404, {}],
  ],
  stream: [
    ['/api/counts/video:1/stream', 200, {}],
    ['/api/counts/video:1/stream?count=true', 200, {}],
    ['/api/counts/other/stream', 404, {}],
  ],
  history: [
    ['/api/counts/public:1/history', 200, {}],
    ['/api/counts/public:1/history', 200, { accept: 'text/csv' }],
    ['/api/counts/kept:1/history', 200, bearer('key')],
    ['/api/counts/kept:1/history', 401, {}],
    ['/api/counts/room:1/history', 401, bearer('x')],
    ['/api/counts/room:1/history', 200, user],
    ['/api/counts/public:1/history?step=1', 400, {}],
    ['/api/counts/video:1/history', 404, bearer('key')],
    ['/api/counts/other/history', 404, bearer('key')],
  ],
  openApi: [
    ['/api/openapi.json', 200, {}],
    ['/api/openapi.json', 304, { 'if-none-match': '*' }],
  ],
  element: [
    ['/headcount.js', 200, {}],
    ['/headcount.js', 304, { 'if-none-match': '*' }],
  ],
  elementStreams: [['/headcount-streams.js', 200, {}]],
  badge: [
    ['/badge/video:1.svg?label=watching', 200, {}],
    ['/badge/video:1.svg', 304, { 'if-none-match': '*' }],
    ['/badge/video:1.svg?color=x', 400, {}],
    ['/badge/other.svg', 404, {}],
  ],
  badgeEndpoint: [
    ['/badge/video:1.json', 200, {}],
    ['/badge/room:1.json', 404, user],
    ['/badge/room:1.json', 401, {}],
  ],
  live: [['/healthz', 200, {}]],
  ready: [['/readyz', 200, {}]],
  metrics: [
    ['/metrics', 200, bearer('key')],
    ['/metrics', 401, {}],
  ],
  busiest: [
    ['/api/topics?sort=joins&limit=1', 200, bearer('key')],
    ['/api/topics?sort=x', 400, bearer('key')],
    ['/api/topics', 401, {}],
  ],
  explained: [
    ['/api/topics/video:1', 200, bearer('key')],
    ['/api/topics/other', 404, bearer('key')],
    [`/api/topics/${long}`, 400, bearer('key')],
    ['/api/topics/video:1', 401, bearer('x')],
  ],
  replicas: [
    ['/api/replicas', 200, bearer('key')],
    ['/api/replicas', 401, {}],
  ],
  settings: [
    ['/api/settings', 200, bearer('key')],
    ['/api/settings', 401, {}],
  ],
  dashboard: [['/dashboard', 200, {}]],
} satisfies Record<RouteName, [path: string, status: number, headers: object][]>

describe.each(Object.entries(requests))('the route %s', (name, cases) => {
  const path = routes[name as RouteName].replace(':topic', '{topic}')

  test.each(cases)('answers %s with %i as documented', async (url, status, headers) => {
    const { get } = await start()
    const response = await get(url, { headers: headers as Record<string, string> })
    expect(response.status).toBe(status)
    const { content } = document.paths[path].get.responses[status]
    if (status === 304) return expect(await response.text()).toBe('')
    const type = response.headers.get('content-type')!.split(';', 1)[0]!
    expect(Object.keys(content)).toContain(type)
    if (type === 'text/event-stream') return response.body?.cancel()
    const body = type === 'application/json' ? await response.json() : await response.text()
    expect(wrong(['paths', path, 'get', 'responses', `${status}`, 'content', type, 'schema'], body)).toBeUndefined()
  })

  test('answers another method as documented', async () => {
    const { get } = await start()
    const response = await get(routes[name as RouteName], { method: 'POST' })
    expect(Object.keys(document.paths[path].get.responses)).toContain(String(response.status))
    expect(wrong(['components', 'schemas', 'Error'], await response.json())).toBeUndefined()
  })
})

test('the events of a stream are as documented', async () => {
  const served = await start()
  const { received } = await events(served, 'topic=video:1&topic=room:1')
  await until('two events', () => received.length === 2)
  expect(wrong(['components', 'schemas', 'TopicProblem'], received[0])).toBeUndefined()
  expect(wrong(['components', 'schemas', 'TopicCounts'], received[1])).toBeUndefined()
  expect(wrong(['components', 'schemas', 'TopicCounts'], received[0])).toBeDefined()
})

test('a topic with presences and subscribers is explained as documented', async () => {
  const served = await start()
  served.headcount.track('video:1', 'a')
  const { received } = await events(served, 'topic=video:1')
  await until('an event', () => received.length > 0)
  for (const [name, path] of [
    ['explained', '/api/topics/video:1'],
    ['busiest', '/api/topics'],
  ] as const) {
    const body = await (await served.get(path, { headers: bearer('key') })).json()
    expect(JSON.stringify(body)).toContain('"viewers":1')
    const schema = ['get', 'responses', '200', 'content', 'application/json', 'schema']
    expect(wrong(['paths', routes[name].replace(':topic', '{topic}'), ...schema], body)).toBeUndefined()
  }
})

test('the document has every route and no other, and names every error', async () => {
  const { get } = await start()
  const served = await (await get('/api/openapi.json')).json()
  expect(served).toEqual(document)
  expect(Object.keys(served.paths)).toEqual(Object.values(routes).map((route) => route.replace(':topic', '{topic}')))
  const routesIn = (page: string) =>
    readFileSync(new URL(`../../../../${page}`, import.meta.url), 'utf8')
      .split('`')
      .map((code) => code.replace('GET ', '').split('?', 1)[0])
  expect(routesIn('docs/PROTOCOL.md')).toEqual(expect.arrayContaining(Object.values(routes)))
  // It has one row for all routes of counts.
  const others = Object.values(routes).filter((route) => !route.startsWith(`${routes.counts}/`))
  expect(routesIn('packages/server/README.md')).toEqual(expect.arrayContaining(others))
  const text = JSON.stringify(served.paths)
  const elsewhere = ['upgrade_required']
  for (const code of Object.keys(problems))
    expect([code, text.includes(code)]).toEqual([code, !elsewhere.includes(code)])
})

import { until, WireClient } from '@headcount/testing'
import { expect, test } from 'vitest'
import { signToken } from '../auth/sign.js'
import { tokenReaders } from '../readers.js'
import { events } from '../test/events.js'
import { expectProblem } from '../test/problem.js'
import { RawClient } from '../test/raw-client.js'
import { type Served, serve } from '../test/serve.js'
import { TestServer } from '../test/test-server.js'

const secret = 's'.repeat(32)

const shows = ({ headcount }: Served, topic: string, users: number, viewers: number) =>
  until(`${users} users and ${viewers} viewers in ${topic}`, async () => {
    const counts = await headcount.counts(topic)
    return counts.users.count === users && counts.viewers.count === viewers
  })

test('the reader of a stream with count=true is a presence in each topic until the stream closes', async () => {
  const served = await serve()
  const client = await WireClient.open(served.url)
  await client.join('a')
  const { received, close } = await events(served, 'topic=a&topic=b&count=true')
  await shows(served, 'a', 0, 2)
  await shows(served, 'b', 0, 1)
  expect(await served.metric('channels')).toBe(3)
  const count = (viewers: number) => ({ users: { count: 0 }, viewers: { count: viewers } })
  await until('its own presence', () => JSON.stringify(received).includes(JSON.stringify(count(2))))
  close()
  await shows(served, 'a', 0, 1)
  await shows(served, 'b', 0, 0)
  expect(await served.metric('channels')).toBe(1)
  client.drop()
})

test('without count=true a reader is not counted', async () => {
  const served = await serve()
  for (const query of ['topic=a', 'topic=a&count=false']) {
    const { received } = await events(served, query)
    await until('an event', () => received.length > 0)
  }
  await shows(served, 'a', 0, 0)
})

test('a counted reader has the group, the person and the access of a socket with its token', async () => {
  const served = await serve({
    auth: { secret },
    topics: [
      { pattern: 'people:*', unit: 'people', alsoIn: ['site'] },
      { pattern: 'site', unit: 'people' },
      { pattern: 'room:*', access: 'token' },
      { pattern: '*', access: 'users' },
    ],
  })
  const token = await signToken(secret, '7', { expires: 60_000 })
  const headers = { authorization: `Bearer ${token}` }
  const client = await WireClient.open(served.url, { params: { token } })
  await client.join('people:1')
  const first = await events(served, 'topic=people:1&topic=room:1&topic=lobby&count=true', headers)
  await until('three events', () => first.received.length >= 3)
  await shows(served, 'people:1', 1, 0)
  await shows(served, 'lobby', 1, 0)
  await shows(served, 'room:1', 0, 0)
  client.drop()
  first.close()
  await shows(served, 'people:1', 0, 0)
  for (const _ of [1, 2]) await events(served, 'topic=people:1&count=true&client_id=x')
  await events(served, 'topic=people:1&count=true&client_id=y')
  await shows(served, 'people:1', 0, 2)
  for (const _ of [1, 2]) await events(served, 'topic=people:2&topic=people:3&count=true')
  await shows(served, 'site', 0, 4)
  await expectProblem(await served.get('/api/counts/stream?topic=lobby&count=true'), 'unauthorized')
})

test('a counted reader is subject to the limits of sockets', async () => {
  const served = await serve({ limits: { topicsPerSocket: 2, presencesPerAddress: 1 } })
  await expectProblem(await served.get('/api/counts/stream?topic=a,b,c&count=true'), 'too_many_topics')
  await events(served, 'topic=a&count=true')
  const { received } = await events(served, 'topic=a&count=true')
  await until('an event', () => received.length > 0)
  await shows(served, 'a', 0, 1)
  expect(await served.metric('limited_total{limit="presencesPerAddress"}')).toBe(1)
})

test('sockets and counted streams of an address share one limit, which excludes other reads', async () => {
  const served = await serve({ limits: { socketsPerAddress: 2 } })
  const path = '/api/counts/stream?topic=a&count=true'
  const client = await WireClient.open(served.url)
  const { close } = await events(served, 'topic=a&count=true')
  await shows(served, 'a', 0, 1)
  const refused = await served.get(path)
  expect(refused.headers.get('retry-after')).toBe('5')
  await expectProblem(refused, 'too_many_of_address')
  await expect(WireClient.open(served.url)).rejects.toThrow()
  await events(served, 'topic=a')
  expect((await served.get('/api/counts/a')).status).toBe(200)
  close()
  await shows(served, 'a', 0, 0)
  const next = await WireClient.open(served.url)
  await expectProblem(await served.get(path), 'too_many_of_address')
  client.drop()
  await until('one socket', () => served.headcount.sockets === 1)
  await events(served, 'topic=a&count=true')
  await shows(served, 'a', 0, 1)
  next.drop()
})

test.each([
  ['the sockets of an address', { limits: { socketsPerAddress: 2 } }, 'too_many_of_address'],
  ['channels', { limits: { channels: 2 } }, 'overloaded'],
  ['streams', { http: { streams: 2 } }, 'too_many_streams'],
])('streams opened at the same time and beyond the limit of %s are refused with a delay', async (_, options, code) => {
  const served = await serve(options)
  const clients = Array.from({ length: 5 }, () => new RawClient(served.port))
  await until('five connections', () => clients.every(({ socket }) => !socket.connecting))
  for (const client of clients) client.get('/api/counts/a/stream?count=true')
  await until('three ends', () => clients.filter(({ isClosed }) => isClosed).length === 3)
  for (const { received } of clients) expect(received).toMatch(/\nretry: \d+\n|"code":/)
  await shows(served, 'a', 0, 2)
  expect(await served.metric('channels')).toBe(2)
  expect(await served.metric(`http_refused_total{code="${code}"}`)).toBe(3)
})

test('an admitted reader is counted only if its address still has a place when the stream starts', async () => {
  const server = await TestServer.open({ limits: { socketsPerAddress: 1 } })
  const reader = await tokenReaders(server.sockets.context)(undefined, null)
  const uncount = reader.count(['a'], '192.0.2.1')
  expect(reader.count(['a'], '192.0.2.1')).toBe('too_many_of_address')
  expect(server.sockets.context.admission.channels).toBe(1)
  if (typeof uncount === 'function') uncount()
  expect(reader.count(['a'], '192.0.2.1')).toBeTypeOf('function')
})

test('a browser whose address has too many comes back later', async () => {
  const served = await serve({ limits: { socketsPerAddress: 1 } })
  const client = await WireClient.open(served.url)
  const response = await served.get('/api/counts/a/stream?count=true', { headers: { accept: 'text/event-stream' } })
  expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(/^retry: \d+\n\n$/)])
  client.drop()
})

test('a page of a forbidden origin is not counted, with or without the header Origin', async () => {
  const served = await serve({ origins: ['https://site.example'] })
  const path = '/api/counts/stream?topic=a&count=true'
  for (const headers of [{ origin: 'https://other.example' }, { 'sec-fetch-site': 'cross-site' }])
    await expectProblem(await served.get(path, { headers: headers as Record<string, string> }), 'origin')
  await events(served, 'topic=a&count=true', { origin: 'https://site.example' })
  await shows(served, 'a', 0, 1)
})

test('a stopping server removes the presences of its streams', async () => {
  const served = await serve()
  await events(served, 'topic=a&count=true')
  await shows(served, 'a', 0, 1)
  await served.headcount.close()
  expect([await served.metric('channels'), await served.metric('streams')]).toEqual([0, 0])
  expect([await served.metric('joins_total'), await served.metric('leaves_total')]).toEqual([1, 1])
})

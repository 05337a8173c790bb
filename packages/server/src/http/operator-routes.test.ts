import { memoryEngine, noMetrics } from '@headcount/core'
import { until } from '@headcount/testing'
import { expect, test } from 'vitest'
import { expectProblem } from '../test/problem.js'
import { RawClient } from '../test/raw-client.js'
import { serve } from '../test/serve.js'

const start = async (options = {}) => {
  const served = await serve({ operatorKey: 'key', ...options })
  const headers = { authorization: 'Bearer key' }
  const get = (path: string) => served.get(path, { headers })
  return { ...served, get, json: async (path: string) => (await get(path)).json() }
}

test('the busiest topics come in pages, by count or by joins, of one prefix or of all', async () => {
  const { headcount, json } = await start()
  for (let i = 0; i < 5; i++) for (let j = 0; j <= i; j++) headcount.track(`video:${i}`, `${j}`)
  headcount.track('room:ü', 'a')
  await until('six topics', async () => (await json('/api/topics')).topics.length === 6)
  const seen: [string, number][] = []
  let cursor = ''
  let pages = 0
  do {
    const page = await json(`/api/topics?limit=2&prefix=video:&cursor=${cursor}`)
    expect(page).toMatchObject({ othersAtMost: 0, unanswered: [] })
    for (const { topic, count } of page.topics) seen.push([topic, count])
    cursor = page.next
    pages += 1
  } while (cursor !== null)
  expect(pages).toBe(3)
  expect(seen).toEqual([4, 3, 2, 1, 0].map((i) => [`video:${i}`, i + 1]))
  const { topics } = await json('/api/topics?sort=joins&limit=1')
  expect(topics).toEqual([{ topic: 'video:4', count: 5, counts: { users: 0, viewers: 5 }, joins: expect.any(Number) }])
  expect(await json(`/api/topics?prefix=${encodeURIComponent('room:ü')}`)).toMatchObject({ topics: [{ count: 1 }] })
})

test('an empty server has no busy topics', async () => {
  const { json } = await start({ canary: 10 })
  await until('a measurement', async () => (await json('/api/replicas')).replicas[0].status.staleness !== null)
  for (const sort of ['count', 'joins']) {
    expect(await json(`/api/topics?sort=${sort}`)).toEqual({ topics: [], othersAtMost: 0, unanswered: [], next: null })
  }
})

const cursors = ['x', 'e30', 'WzFd', 'WyJhIiwiYSJd', 'bnVsbA', 'WzEsMl0', '%00', 'WzFlOTk5LCJhIl0']

test.each([
  ...['sort=x', 'sort=', 'limit=0', 'limit=101', 'limit=-1', 'limit=1.5', 'limit=1e1', 'limit=', 'limit=9999999999'],
  `prefix=${'x'.repeat(256)}`,
  ...cursors.map((cursor) => `cursor=${cursor}`),
])('/api/topics?%s is refused', async (query) => {
  const { get } = await start()
  await expectProblem(await get(`/api/topics?${query}`), 'invalid_parameter')
})

test('a topic that is too long, not encoded, not allowed or internal is refused', async () => {
  const { get } = await start({ topics: ['video:*'], canary: 10 })
  await expectProblem(await get(`/api/topics/video:${'x'.repeat(255)}`), 'invalid_topic')
  await expectProblem(await get('/api/topics/%E0%A4%A'), 'malformed_url')
  for (const topic of ['other', 'phoenix', '%00canary%20x', '__proto__'])
    await expectProblem(await get(`/api/topics/${topic}`), 'unmatched_topic')
})

test('behind a shield, operators get the true count and the part that the shield hides', async () => {
  const { headcount, port, get, json } = await start({ topics: [{ pattern: '*', shield: 5 }] })
  for (let i = 0; i < 7; i++) headcount.track('a', `${i}`)
  await until('the commit', async () => (await json('/api/topics/a')).totals.viewers === 7)
  new RawClient(port).get('/api/counts/a/stream')
  await until('a subscriber', async () => (await json('/api/topics/a')).replicas[0].own.shows !== null)
  const [{ own }] = (await json('/api/topics/a')).replicas
  expect(own).toMatchObject({ presences: 7, channels: 0, others: 7 })
  expect(own.shows).toMatchObject({ counts: { viewers: 5 }, shield: { viewers: -2 }, step: 5, subscribers: 1 })
  expect((await get('/api/counts/a')).status).toBe(200)
})

test('while the engine is unreachable, operators must retry, and still see this replica', async () => {
  const fail = async () => {
    throw new Error('connection refused')
  }
  const engine = { ...memoryEngine(), replicas: { list: fail, rows: fail, ask: fail } }
  const { get, json, logged } = await start({ engine })
  for (const path of ['/api/topics', '/api/topics/a']) {
    const response = await get(path)
    expect(response.headers.get('retry-after')).toBe('1')
    await expectProblem(response, 'unavailable')
  }
  expect(logged.join()).toContain('"route":"GET /api/topics"')
  const { isReachable, replicas } = await json('/api/replicas')
  expect({ isReachable, replicas }).toMatchObject({ isReachable: false, replicas: [{ isAsked: true }] })
  expect(replicas[0].status.refused).toEqual([{ counter: 'http_refused', code: 'unavailable', times: 2 }])
})

test('with an engine that does not report replicas, the lists are those of this replica', async () => {
  const { replicas: _, ...engine } = memoryEngine()
  const { headcount, get, json } = await start({ engine, metrics: noMetrics })
  headcount.track('a', 'x')
  await until('the topic', async () => (await json('/api/topics')).topics.length === 1)
  const { isReachable, replicas } = await json('/api/replicas')
  expect({ isReachable, replicas }).toMatchObject({
    isReachable: true,
    // These metrics cannot be read.
    replicas: [{ isAsked: true, status: { sockets: 0, joins: null, refused: [], trouble: null } }],
  })
  await expectProblem(await get('/api/topics/a'), 'unsupported')
})

import { createServer } from 'node:http'
import { type Engine, type EngineOptions, MemoryCluster } from '@headcount/core'
import { FakeClock } from '@headcount/core/fake-clock'
import { WireClient } from '@headcount/testing'
import { expect, test } from 'vitest'
import { createHeadcount } from '../headcount.js'
import type { HeadcountOptions } from '../options.js'
import { expectProblem } from '../test/problem.js'
import { listen, serve } from '../test/serve.js'

const minute = 60_000
/** A whole minute, in ms since 1970. */
const start = Date.UTC(2026, 0, 31, 21)

/** A server whose engine has a stopped clock. */
async function open(options: HeadcountOptions = {}) {
  const clock = new FakeClock(start)
  const engine = new MemoryCluster(clock).engine()
  const topics = [
    { pattern: 'video:*', history: 'readers' },
    { pattern: 'room:*', history: 'operators' },
    { pattern: 'team:*', history: 'readers', access: 'users' },
    { pattern: 'clinic:*', history: 'operators', shield: 5 },
    'plain:*',
  ] as const
  const served = await serve({ engine, topics, operatorKey: 'key', settle: 60_000, ...options })
  const operator = await listen(createServer(served.headcount.operator.handle))
  /** Sets how many viewers a topic has. */
  const set = async (topic: string, viewers: number) => {
    for (let i = 0; i < 10; i++) {
      if (i < viewers) served.headcount.track(topic, `k${i}`)
      else served.headcount.untrack(topic, `k${i}`)
    }
    await served.headcount.counts(topic)
  }
  const key = { headers: { authorization: 'Bearer key' } }
  return { ...served, clock, set, key, operator, getAsOperator: (path: string) => fetch(operator + path) }
}

test('the history has the peak and its time, the average and the person-minutes, in all and of each step', async () => {
  const { clock, set, get } = await open()
  await set('video:1', 2)
  clock.jump(30_000)
  await set('video:1', 5)
  clock.jump(10_000)
  await set('video:1', 1)
  clock.jump(50_000)
  const response = await get(`/api/counts/video:1/history?from=${start}`)
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const viewers = { peak: 5, peakAt: start + 30_000, average: 160 / 90, personMinutes: 160 / 60 }
  const users = { peak: 0, peakAt: start, average: 0, personMinutes: 0 }
  expect(await response.json()).toEqual({
    ...{ topic: 'video:1', from: start, to: start + 2 * minute, step: minute, wholeFrom: start, known: 90_000 },
    ...{ total: viewers, groups: { users, viewers } },
    points: [
      {
        ...{ at: start, known: 60_000 },
        total: { ...viewers, average: 130 / 60, personMinutes: 130 / 60 },
        groups: { users, viewers: { ...viewers, average: 130 / 60, personMinutes: 130 / 60 } },
      },
      {
        ...{ at: start + minute, known: 30_000 },
        total: { peak: 1, peakAt: start + minute, average: 1, personMinutes: 0.5 },
        groups: {
          users: { ...users, peakAt: start + minute },
          viewers: { peak: 1, peakAt: start + minute, average: 1, personMinutes: 0.5 },
        },
      },
    ],
  })
})

test('the history is of the committed counts, not of those that settle shows', async () => {
  const { clock, set, get, url } = await open()
  const client = await WireClient.open(url)
  await client.join('video:1', { observe: true })
  await set('video:1', 3)
  await set('video:1', 2)
  clock.jump(minute)
  const { counts } = await (await get('/api/counts/video:1')).json()
  expect(counts.viewers.count).toBe(3)
  const { total } = await (await get(`/api/counts/video:1/history?from=${start}`)).json()
  expect(total).toMatchObject({ peak: 3, personMinutes: 2 })
  client.drop()
})

test('a part without data has no figures, not zeros', async () => {
  const { clock, set, get } = await open()
  clock.jump(2 * minute)
  await set('video:1', 1)
  clock.jump(minute)
  const { points, wholeFrom } = await (await get(`/api/counts/video:1/history?from=${start}&step=120000`)).json()
  expect(wholeFrom).toBe(start + 2 * minute)
  const none = { peak: null, peakAt: null, average: null, personMinutes: null }
  expect(points[0]).toEqual({ at: start, known: 0, total: none, groups: { users: none, viewers: none } })
  expect(points[1].known).toBe(minute)
  const unknown = await (await get('/api/counts/video:2/history')).json()
  expect(unknown).toMatchObject({ wholeFrom: null, known: 0, total: none })
})

test('for text/csv the points are rows', async () => {
  const { clock, set, get } = await open({ groups: ['users', 'view"ers'] })
  await set('video:1', 2)
  clock.jump(90_000)
  const headers = { accept: 'text/csv, application/json;q=0.5' }
  const response = await get(`/api/counts/video:1/history?from=${start - minute}`, { headers })
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(response.headers.get('vary')).toBe('Accept, Authorization, Origin')
  const figures = ['peak', 'peakAt', 'average', 'personMinutes']
  const at = (time: number) => new Date(time).toISOString()
  expect((await response.text()).split('\r\n')).toEqual([
    [
      ...['at', 'known', ...figures.map((name) => `total ${name}`), ...figures.map((name) => `users ${name}`)],
      ...figures.map((name) => `"view""ers ${name}"`),
    ].join(','),
    `${at(start - minute)},0,,,,,,,,,,,,`,
    `${at(start)},60000,2,${at(start)},2,2,0,${at(start)},0,0,2,${at(start)},2,2`,
    `${at(start + minute)},30000,2,${at(start + minute)},2,1,0,${at(start + minute)},0,0,2,${at(start + minute)},2,1`,
    '',
  ])
})

test.each([
  ['video:1', 200, 200, 200],
  ['team:1', 401, 401, 200],
  ['room:1', 401, 200, 200],
  ['clinic:1', 401, 200, 200],
  ['plain:1', 401, 404, 404],
  ['other', 401, 404, 404],
])('the history of %s has status %i, with the key %i, and on the operator port %i', async (topic, ...expected) => {
  const { get, key, getAsOperator } = await open()
  const path = `/api/counts/${topic}/history`
  const responses = [await get(path), await get(path, key), await getAsOperator(path)]
  expect(responses.map(({ status }) => status)).toEqual(expected)
})

/** A memory engine with another `history`. */
function engineWith(part: Partial<Engine>): Engine {
  return { ...new MemoryCluster().engine(), ...part }
}

test('a history that cannot be read is a temporary error', async () => {
  const read = async () => Promise.reject(new Error('no connection'))
  const { get, logged } = await open({ engine: engineWith({ history: { read } }) })
  const response = await get('/api/counts/video:1/history')
  expect(response.headers.get('retry-after')).toBe('1')
  await expectProblem(response, 'unavailable')
  expect(logged.join()).toContain('request_failed')
})

test('an engine without histories is refused if a pattern has one', () => {
  const { history, ...engine } = new MemoryCluster().engine()
  expect(() => createHeadcount({ engine, history: 'readers' })).toThrow(
    'engine: expected an engine that records histories, or patterns without one, got an engine that does not',
  )
})

test('the engine records the patterns with a history, and none by default', async () => {
  const opened: EngineOptions[] = []
  const engine = () => {
    const inner = new MemoryCluster().engine()
    return engineWith({
      open(id, options) {
        opened.push(options)
        return inner.open(id, options)
      },
    })
  }
  await open({ engine: engine(), limits: { historyTopics: 7 } })
  const { history } = opened[0]!
  expect(history?.topics).toBe(7)
  const topics = ['video:1', 'room:1', 'clinic:1', 'plain:1', 'other', '\0canary']
  expect(topics.filter((topic) => history?.records(topic))).toEqual(['video:1', 'room:1', 'clinic:1'])
  await serve({ engine: engine() })
  expect(opened[1]).not.toHaveProperty('history')
})

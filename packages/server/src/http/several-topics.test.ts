import { until } from '@headcount/testing'
import { expect, test } from 'vitest'
import { events } from '../test/events.js'
import { expectProblem } from '../test/problem.js'
import { serve } from '../test/serve.js'

const event = (topic: string, viewers: number) => ({
  topic,
  counts: { users: { count: 0 }, viewers: { count: viewers } },
})

test('a stream has the counts of each topic when it opens and at every change, and no others', async () => {
  const served = await serve()
  served.headcount.track('a', 'x')
  const received = (await events(served, 'topic=a&topic=b%2Fc&topic=a&topic=stream')).received
  await until('three events', () => received.length === 3)
  expect(received).toEqual([event('a', 1), event('b/c', 0), event('stream', 0)])
  served.headcount.track('b/c', 'x')
  await until('a change', () => received.length === 4)
  served.headcount.track('stream', 'x')
  served.headcount.track('other', 'x')
  await until('another', () => received.length === 5)
  expect(received.slice(3)).toEqual([event('b/c', 1), event('stream', 1)])
  expect(await served.metric('streams')).toBe(1)
  expect(await served.metric('sockets')).toBe(0)
})

test('a stream may have 100 topics, on one connection', async () => {
  const served = await serve()
  const query = (n: number) => Array.from({ length: n }, (_, i) => `topic=video:${i}`).join('&')
  const received = (await events(served, query(100))).received
  await until('100 events', () => received.length === 100)
  for (let i = 0; i < 100; i++) served.headcount.track(`video:${i}`, 'x')
  await until('100 more', () => received.length === 200)
  expect(received.slice(100)).toEqual(Array.from({ length: 100 }, (_, i) => event(`video:${i}`, 1)))
  await expectProblem(await served.get(`/api/counts/stream?${query(101)}`), 'too_many_topics')
  await expectProblem(await served.get('/api/counts/stream'), 'missing_topic')
})

test('each refused topic of a stream has its own event; if all are refused, so is the stream', async () => {
  const served = await serve({ topics: ['video:*', { pattern: 'room:*', access: 'users' }] })
  const received = (await events(served, 'topic=room:1&topic=video:1&topic=other')).received
  await until('three events', () => received.length === 3)
  expect(received).toEqual([
    { topic: 'room:1', error: { code: 'unauthorized', message: expect.any(String) } },
    { topic: 'other', error: { code: 'unmatched_topic', message: expect.any(String) } },
    event('video:1', 0),
  ])
  await expectProblem(await served.get('/api/counts/stream?topic=room:1&topic=other'), 'unauthorized')
})

test('the topic "stream" may have a stream by its path', async () => {
  const { get } = await serve()
  expect((await get('/api/counts/stream/stream', { method: 'HEAD' })).status).toBe(200)
  expect(await (await get('/api/counts?topic=stream')).json()).toHaveProperty('counts.stream')
})

import { memoryEngine } from '@headcount/core'
import { expect, test } from 'vitest'
import { serve } from './test/serve.js'
import { TestServer } from './test/test-server.js'

test('with the option canary, metrics have the age of counts, and do not count its topic and presence', async () => {
  let id = ''
  const engine = memoryEngine()
  const open: typeof engine.open = (replica, options) => {
    id = replica
    return engine.open(replica, options)
  }
  const { headcount, get, metric } = await serve({ canary: 10, engine: { ...engine, open } })
  const flushed: string[] = []
  headcount.on('counts', (topic) => flushed.push(topic))
  await expect.poll(() => metric('freshness_seconds_count')).toBeGreaterThan(2)
  expect(await metric('staleness_seconds')).toBeLessThan(5)
  expect(await metric('topics')).toBe(0)
  expect(await metric('joins_total')).toBe(0)
  expect(await metric('presences{pattern="*",group="users"}')).toBeNaN()
  expect(flushed).toEqual([])
  for (const route of ['', '/stream']) {
    const response = await get(`/api/counts/${encodeURIComponent(`\0canary ${id}`)}${route}`)
    expect(response.status).toBeGreaterThanOrEqual(400)
  }
})

test('without it there is no measurement', async () => {
  const { metric } = await serve()
  expect(await metric('freshness_seconds_count')).toBe(0)
  expect(await metric('staleness_seconds')).toBeNaN()
})

test('no client may join an internal topic', async () => {
  const server = await TestServer.open({ topics: ['*', '\0canary a'] })
  server.joining('\0canary a')
  await server.clock.advance(1_000)
  expect(server.labels.refused).toEqual(['unmatched topic'])
  await server.stop()
})

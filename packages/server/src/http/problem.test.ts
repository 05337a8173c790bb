import { memoryEngine } from '@headcount/core'
import { until } from '@headcount/testing'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { expect, test } from 'vitest'
import { createMetrics } from '../metrics/prometheus.js'
import { errorRows } from '../test/error-rows.js'
import { operatorPort } from '../test/operator-port.js'
import { RawClient } from '../test/raw-client.js'
import { serve } from '../test/serve.js'
import type { ProblemCode } from './problem.js'

const secret = 's'.repeat(32)

const get = async (path: string, options = {}, init = {}) => {
  const served = await serve(options)
  return { served, response: await served.get(path, init) }
}
const closed = async (path: string) => {
  const served = await serve()
  await served.headcount.close()
  return { served, response: await served.get(path) }
}
const users = { auth: { secret }, topics: [{ pattern: 'a', access: 'users' }], authorize: () => false }
const bearer = (authorization: string) => ({ headers: { authorization: `Bearer ${authorization}` } })

const provocations: Record<ProblemCode, () => ReturnType<typeof get>> = {
  malformed_url: () => get('/api/counts/%E0%A4%A'),
  missing_topic: () => get('/api/counts'),
  too_many_topics: () => get(`/api/counts?${'topic=a&'.repeat(101)}`),
  invalid_topic: () => get(`/api/counts/${'x'.repeat(256)}`),
  invalid_count: () => get('/api/counts/stream?topic=a&count=yes'),
  invalid_client_id: () => get(`/api/counts/a/stream?count=true&client_id=${'x'.repeat(65)}`),
  invalid_badge: () => get('/badge/a.svg?color=x', { topics: [{ pattern: 'a', badge: true }] }),
  invalid_parameter: () => get('/api/topics?limit=0', { operatorKey: 'key' }, bearer('key')),
  invalid_range: () => get('/api/counts/a/history?step=1', { history: 'readers' }),
  upgrade_required: () => get('/socket/websocket'),
  unauthorized: () => get('/api/counts/a', users),
  invalid_token: () => get('/api/counts/a', users, bearer('x')),
  forbidden: () => get('/api/counts/a', users, bearer(tokenFor(secret, '7'))),
  origin: () => get('/api/counts/a/stream?count=true', {}, { headers: { origin: 'https://other.example' } }),
  unmatched_topic: () => get('/api/counts/b', users),
  no_badge: () => get('/badge/a.svg'),
  no_history: () => get('/api/counts/a/history', { operatorKey: 'key' }, bearer('key')),
  no_settings: () => get('/api/settings', { operatorKey: 'key' }, bearer('key')),
  not_found: () => get('/nothing'),
  method_not_allowed: () => get('/healthz', {}, { method: 'POST' }),
  async foreign_host() {
    const served = await serve()
    return { served, response: await (await operatorPort(served))('/api/topics', 'example.com') }
  },
  async too_many_keys() {
    const served = await serve()
    for (let i = 0; i < 5; i++) await served.get('/metrics', bearer('x'))
    return { served, response: await served.get('/metrics', bearer('x')) }
  },
  async too_many_of_address() {
    const served = await serve({ limits: { socketsPerAddress: 1 } })
    new RawClient(served.port).get('/api/counts/a/stream?count=true')
    await until('a channel', async () => (await served.metric('channels')) === 1)
    return { served, response: await served.get('/api/counts/a/stream?count=true') }
  },
  async internal() {
    const metrics = createMetrics()
    const { text } = metrics
    metrics.text = () => Promise.reject(new Error('no metrics'))
    const answer = await get('/metrics', { metrics, operatorKey: 'key' }, bearer('key'))
    metrics.text = text
    return answer
  },
  unsupported() {
    const { replicas: _, ...engine } = memoryEngine()
    return get('/api/topics/a', { engine, operatorKey: 'key' }, bearer('key'))
  },
  not_ready: () => closed('/readyz'),
  async too_many_streams() {
    const served = await serve({ http: { streams: 1 } })
    new RawClient(served.port).get('/api/counts/a/stream')
    await until('a stream', async () => (await served.metric('streams')) === 1)
    return { served, response: await served.get('/api/counts/a/stream') }
  },
  async overloaded() {
    const served = await serve({ limits: { channels: 1 } })
    new RawClient(served.port).get('/api/counts/a/stream?count=true')
    await until('a channel', async () => (await served.metric('channels')) === 1)
    return { served, response: await served.get('/api/counts/a/stream?count=true') }
  },
  unavailable: () => closed('/api/counts/a'),
}
test.each(errorRows('HTTP', provocations))('%s is answered with %s, and is counted', async (code, status) => {
  const { served, response } = await provocations[code as ProblemCode]()
  expect([response.status, await response.json()]).toEqual([
    Number(status),
    { error: { code, message: expect.stringMatching(/./) } },
  ])
  expect(await served.metric(`http_refused_total{code="${code}"}`)).toBe(1)
})

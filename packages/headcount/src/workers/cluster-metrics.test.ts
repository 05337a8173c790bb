import { createMetrics } from '@headcount/server'
import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import { ClusterMetrics, type Snapshot } from './cluster-metrics.js'

const worker = () => createMetrics({ process: false })

/** Two workers and the metrics of both. */
function setUp() {
  const clock = new FakeClock()
  const all = new ClusterMetrics(clock)
  const [a, b] = [worker(), worker()]
  let answer: () => Promise<Snapshot> = () => b.snapshot()
  all.add(() => a.snapshot())
  const remove = all.add(() => answer())
  const setAnswer = (next: () => Promise<Snapshot>) => {
    answer = next
  }
  return { clock, all, a, b, remove, setAnswer }
}

test('counters, histograms and sockets are added up, and the server is ready if every worker is', async () => {
  const { all, a, b } = setUp()
  a.count('refused', 1, 'unmatched topic')
  b.count('refused', 1, 'unmatched topic')
  b.count('refused', 4, 'unauthorized')
  a.observe('flush', 0.002)
  b.observe('flush', 0.02)
  a.gauge('sockets', () => 4)
  b.gauge('sockets', () => 3)
  let ready = 1
  a.gauge('ready', () => 1)
  b.gauge('ready', () => ready)
  const text = await all.text()
  for (const line of [
    'headcount_refused_total{reason="unmatched topic"} 2',
    'headcount_refused_total{reason="unauthorized"} 4',
    'headcount_flush_seconds_bucket{le="0.005"} 1',
    'headcount_flush_seconds_bucket{le="+Inf"} 2',
    'headcount_flush_seconds_count 2',
    'headcount_sockets 7',
    'headcount_ready 1',
  ]) {
    expect(text).toContain(`${line}\n`)
  }
  ready = 0
  expect(await all.text()).toContain('headcount_ready 0\n')
})

test('presences add up by their labels, ages are the maximum, and the version is there once', async () => {
  const { all, a, b } = setUp()
  const presences = (pattern: string, value: number) => [{ labels: [pattern, 'users'], value }]
  a.gauge('presences', () => presences('video:*', 2))
  b.gauge('presences', () => [...presences('video:*', 3), ...presences('chat:*', 1)])
  for (const [metrics, age] of [[a, 1.5] as const, [b, 4] as const]) {
    metrics.gauge('lease_age_seconds', () => age)
    metrics.gauge('staleness_seconds', () => age)
    metrics.gauge('build_info', () => [{ labels: ['1.0.0'], value: 1 }])
    metrics.observe('visible', 0.02, 'video:*')
  }
  const text = await all.text()
  for (const line of [
    'headcount_presences{pattern="video:*",group="users"} 5',
    'headcount_presences{pattern="chat:*",group="users"} 1',
    'headcount_lease_age_seconds 4',
    'headcount_staleness_seconds 4',
    'headcount_build_info{version="1.0.0"} 1',
    'headcount_visible_seconds_count{pattern="video:*"} 2',
  ]) {
    expect(text).toContain(`${line}\n`)
  }
})

test('the metrics of Node are merged without invalid values', async () => {
  const { all } = setUp()
  const [c, d] = [createMetrics(), createMetrics()]
  all.add(async () => JSON.parse(JSON.stringify(await c.snapshot())) as Snapshot)
  all.add(async () => JSON.parse(JSON.stringify(await d.snapshot())) as Snapshot)
  const text = await all.text()
  expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m)
  expect(text).not.toMatch(/null|NaN|undefined/)
})

test('the counters of exited workers stay, and their gauges are removed', async () => {
  const { all, a, b, remove } = setUp()
  a.count('joins', 2)
  b.count('joins', 3)
  b.observe('flush', 0.02)
  b.gauge('sockets', () => 3)
  await all.text()
  remove()
  const c = worker()
  c.count('joins', 10)
  const removeC = all.add(() => c.snapshot())
  await all.text()
  removeC()
  for (let i = 0; i < 2; i++) {
    const text = await all.text()
    expect(text).toContain('headcount_joins_total 15\n')
    expect(text).toContain('headcount_flush_seconds_count 1\n')
    expect(text).not.toContain('headcount_sockets')
  }
})

test('if a worker does not answer, its last metrics are used', async () => {
  const { clock, all, a, b, setAnswer } = setUp()
  b.count('joins', 3)
  await all.text()
  setAnswer(() => new Promise(() => {}))
  a.count('joins', 1)
  const text = all.text()
  await clock.advance(1_000)
  expect(await text).toContain('headcount_joins_total 4\n')
  setAnswer(() => Promise.reject(new Error('closed')))
  expect(await all.text()).toContain('headcount_joins_total 4\n')
  expect(clock.timers).toBe(0)
})

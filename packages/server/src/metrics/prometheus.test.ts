import { open } from 'node:fs/promises'
import { type GaugeName, gauges, noMetrics } from '@headcount/core'
import { docRows } from '@headcount/tools/docs/tables.mjs'
import { AggregatorRegistry, register } from 'prom-client'
import { expect, test } from 'vitest'
import { metricRows } from '../test/metric-rows.js'
import { createMetrics } from './prometheus.js'

const nameAndType = ({ name, type }: (typeof metricRows)[number]) => [name, type]
const own = () => createMetrics({ process: false })

test('a counter is zero at first, and adds up', async () => {
  const metrics = own()
  expect(await metrics.text()).toContain('headcount_joins_total 0\n')
  metrics.count('joins')
  metrics.count('joins', 3)
  expect(await metrics.text()).toContain('headcount_joins_total 4\n')
})

test('counters can be read, by their label', async () => {
  const metrics = own()
  metrics.count('joins', 2)
  await metrics.text()
  metrics.count('joins')
  metrics.count('refused', 2, 'unauthorized')
  metrics.count('refused', 1, 'the <text> of a client')
  expect([...metrics.read!('joins')]).toEqual([['', 3]])
  expect(Object.fromEntries(metrics.read!('refused'))).toEqual({ unauthorized: 2, other: 1 })
  expect(await metrics.text()).toContain('headcount_joins_total 3\n')
})

test('a gauge has the value that its newest reader returns at that moment', async () => {
  const metrics = own()
  expect(await metrics.text()).not.toContain('headcount_sockets')
  let sockets = 2
  metrics.gauge('sockets', () => -1)
  metrics.gauge('sockets', () => sockets)
  expect(await metrics.text()).toContain('headcount_sockets 2\n')
  sockets = 5
  expect(await metrics.text()).toContain('headcount_sockets 5\n')
})

test('a gauge with labels has the samples of that moment, and no others', async () => {
  const metrics = own()
  let samples = [
    { labels: ['video:*', 'users'], value: 2 },
    { labels: ['chat:*', 'users'], value: 1 },
  ]
  metrics.gauge('presences', () => samples)
  expect(await metrics.text()).toContain('headcount_presences{pattern="video:*",group="users"} 2\n')
  samples = samples.slice(1)
  expect(await metrics.text()).not.toContain('video')
})

test('a histogram has a series for each pattern, and "other" for those beyond its limit', async () => {
  const metrics = own()
  for (let i = 0; i < 30; i++) metrics.observe('visible', 0.02, `room-${i}:*`)
  const text = await metrics.text()
  expect(text).toContain('headcount_visible_seconds_count{pattern="room-0:*"} 1\n')
  expect(text).toContain('headcount_visible_seconds_count{pattern="other"} 6\n')
})

test('durations are a histogram in seconds', async () => {
  const metrics = own()
  metrics.observe('flush', 0.002)
  const text = await metrics.text()
  expect(text).toContain('headcount_flush_seconds_bucket{le="0.001"} 0\n')
  expect(text).toContain('headcount_flush_seconds_bucket{le="0.005"} 1\n')
  expect(text).toContain('headcount_flush_seconds_count 1\n')
})

test('a label that looks like a topic, an address or a token becomes "other"', async () => {
  const metrics = own()
  const planted = ['video:42', 'ada@example.org', 'eyJhbGciOi.J9.x', 'a'.repeat(41), 'x"} 1', 'a\nb']
  for (const value of planted) metrics.count('refused', 1, value)
  const text = await metrics.text()
  expect(text).toContain(`headcount_refused_total{reason="other"} ${planted.length}\n`)
  for (const value of planted) expect(text).not.toContain(value)
})

test('the number of values of one label is limited', async () => {
  const metrics = own()
  for (let i = 0; i < 1000; i++) metrics.count('server_closes', 1, `code_${i}`)
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('headcount_server_closes_total{'))
  expect(lines.length).toBeLessThanOrEqual(25)
})

test('two servers in one process count separately and leave the default registry unchanged', async () => {
  const [one, two] = [createMetrics(), createMetrics()]
  one.count('joins')
  expect(await one.text()).toContain('headcount_joins_total 1\n')
  expect(await two.text()).toContain('headcount_joins_total 0\n')
  expect(await two.text()).toContain('process_resident_memory_bytes')
  expect(register.getMetricsAsArray()).toEqual([])
})

test.runIf(process.platform === 'linux')('the open files are counted, and none of the handles', async () => {
  const metrics = createMetrics()
  const used = async () => Number(/^process_open_fds (\d+)$/m.exec(await metrics.text())?.[1])
  const before = await used()
  const files = await Promise.all(Array.from({ length: 50 }, () => open('/dev/null')))
  // Other tests of this process may open and close some in the meantime.
  expect((await used()) - before).toBeGreaterThan(25)
  await Promise.all(files.map((file) => file.close()))
  expect(await metrics.text()).not.toContain('nodejs_active_')
})

test('snapshots of several processes merge into one: counters add up, and readiness is the lowest', async () => {
  const processes = [1, 0].map((ready) => {
    const metrics = createMetrics()
    metrics.count('joins', 2)
    metrics.count('closes', 1, '1012')
    metrics.gauge('ready', () => ready)
    return metrics
  })
  const snapshots = await Promise.all(processes.map((metrics) => metrics.snapshot()))
  const text = await AggregatorRegistry.aggregate(snapshots).metrics()
  expect(text).toContain('headcount_joins_total 4\n')
  expect(text).toContain('headcount_closes_total{code="1012"} 2\n')
  expect(text).toContain('headcount_ready 0\n')
})

test('docs/METRICS.md lists every metric with its type, label and help text', () => {
  const rows = metricRows.map(({ name, type, labels, help }) => [name, type, labels.join(', '), help])
  expect(docRows('METRICS.md', 'Headcount')).toEqual(rows)
})

test('every listed metric is exposed under its name and type', async () => {
  const metrics = own()
  for (const name of Object.keys(gauges) as GaugeName[]) metrics.gauge(name, () => 0)
  const types = [...(await metrics.text()).matchAll(/^# TYPE (headcount_[a-z_]+) (\w+)$/gm)]
  expect(types.map(([, name, type]) => [name, type])).toEqual(expect.arrayContaining(metricRows.map(nameAndType)))
  expect(types).toHaveLength(metricRows.length)
})

test('no metrics are an empty text of the same content type', async () => {
  noMetrics.count('joins')
  expect(await noMetrics.text()).toBe('')
  expect(noMetrics.contentType).toBe(own().contentType)
})

import { noMetrics } from '@headcount/core'
import { register } from 'prom-client'
import { expect, test } from 'vitest'
import { createMetrics } from './prometheus.js'

const own = () => createMetrics({ process: false })

test('a counter stands at zero before anything happened, and adds up', async () => {
  const metrics = own()
  expect(await metrics.text()).toContain('headcount_joins_total 0\n')
  metrics.count('joins')
  metrics.count('joins', 3)
  expect(await metrics.text()).toContain('headcount_joins_total 4\n')
})

test('a counter with a reason keeps each reason apart', async () => {
  const metrics = own()
  metrics.count('refused', 1, 'unmatched topic')
  metrics.count('refused', 2, 'unauthorized')
  metrics.count('closes', 1, '1012')
  const text = await metrics.text()
  expect(text).toContain('headcount_refused_total{reason="unmatched topic"} 1\n')
  expect(text).toContain('headcount_refused_total{reason="unauthorized"} 2\n')
  expect(text).toContain('headcount_closes_total{code="1012"} 1\n')
})

test('a gauge says what its newest reader says at that moment', async () => {
  const metrics = own()
  expect(await metrics.text()).not.toContain('headcount_sockets')
  let sockets = 2
  metrics.gauge('sockets', () => -1)
  metrics.gauge('sockets', () => sockets)
  expect(await metrics.text()).toContain('headcount_sockets 2\n')
  sockets = 5
  expect(await metrics.text()).toContain('headcount_sockets 5\n')
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

test('the values of one label stay few, whatever is counted', async () => {
  const metrics = own()
  for (let i = 0; i < 1000; i++) metrics.count('bad_frames', 1, `code_${i}`)
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('headcount_bad_frames_total{'))
  expect(lines.length).toBeLessThanOrEqual(25)
})

test('two servers in one process count apart, and leave the default registry alone', async () => {
  const [one, two] = [createMetrics(), createMetrics()]
  one.count('joins')
  expect(await one.text()).toContain('headcount_joins_total 1\n')
  expect(await two.text()).toContain('headcount_joins_total 0\n')
  expect(await two.text()).toContain('process_resident_memory_bytes')
  expect(register.getMetricsAsArray()).toEqual([])
})

test('every metric has a name and help that Prometheus takes', async () => {
  const text = await own().text()
  const helps = [...text.matchAll(/^# HELP (\S+) (.+)$/gm)]
  expect(helps.length).toBeGreaterThan(15)
  for (const [, name] of helps) expect(name).toMatch(/^headcount_[a-z_]+$/)
})

test('no metrics are an empty text of the same type', async () => {
  noMetrics.count('joins')
  expect(await noMetrics.text()).toBe('')
  expect(noMetrics.contentType).toBe(own().contentType)
})

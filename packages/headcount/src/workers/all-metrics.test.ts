import type { Metrics } from '@headcount/core'
import { createMetrics } from '@headcount/server'
import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import { AllMetrics } from './all-metrics.js'

const own = () => createMetrics({ process: false })

/** Real metrics of so many workers, gathered. */
function gather(workers: readonly Metrics[]) {
  const all = new AllMetrics(new FakeClock())
  const undo = workers.map((metrics) => all.add(() => metrics.text()))
  return { all, undo }
}

test('what is counted is added up, with and without a label', async () => {
  const [a, b] = [own(), own()]
  const { all } = gather([a, b])
  a.count('joins', 2)
  b.count('joins', 3)
  a.count('refused', 1, 'unmatched topic')
  b.count('refused', 1, 'unmatched topic')
  b.count('refused', 4, 'unauthorized')
  const text = await all.text()
  expect(text).toContain('headcount_joins_total 5\n')
  expect(text).toContain('headcount_refused_total{reason="unmatched topic"} 2\n')
  expect(text).toContain('headcount_refused_total{reason="unauthorized"} 4\n')
})

test('durations are added up bucket by bucket', async () => {
  const [a, b] = [own(), own()]
  const { all } = gather([a, b])
  a.observe('flush', 0.002)
  b.observe('flush', 0.02)
  const text = await all.text()
  expect(text).toContain('headcount_flush_seconds_bucket{le="0.005"} 1\n')
  expect(text).toContain('headcount_flush_seconds_bucket{le="+Inf"} 2\n')
  expect(text).toContain('headcount_flush_seconds_sum 0.022\n')
  expect(text).toContain('headcount_flush_seconds_count 2\n')
})

test('sockets are added up, and all are ready where every one is', async () => {
  const [a, b] = [own(), own()]
  const { all } = gather([a, b])
  a.gauge('sockets', () => 4)
  b.gauge('sockets', () => 3)
  let ready = 1
  a.gauge('ready', () => 1)
  b.gauge('ready', () => ready)
  expect(await all.text()).toContain('headcount_sockets 7\n')
  expect(await all.text()).toContain('headcount_ready 1\n')
  ready = 0
  expect(await all.text()).toContain('headcount_ready 0\n')
})

test('one process alone is told as it tells itself, process and event loop included', async () => {
  const metrics = createMetrics()
  const text = (await metrics.text()).replaceAll('Nan', 'NaN')
  const all = new AllMetrics(new FakeClock())
  all.add(async () => text)
  expect(await all.text()).toBe(text)
})

test('of the figures of Node itself, memory is a sum, and a lag or a version is not', async () => {
  const said = (lag: number, memory: number) =>
    `# HELP nodejs_eventloop_lag_p99_seconds x\n# TYPE nodejs_eventloop_lag_p99_seconds gauge\nnodejs_eventloop_lag_p99_seconds ${lag}\n\n` +
    `# HELP process_resident_memory_bytes x\n# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes ${memory}\n\n` +
    '# HELP nodejs_version_info x\n# TYPE nodejs_version_info gauge\nnodejs_version_info{version="v20"} 1\n'
  const all = new AllMetrics(new FakeClock())
  all.add(async () => said(0.01, 100))
  all.add(async () => said(0.03, 50))
  expect(await all.text()).toBe(said(0.03, 150))
})

test('what a worker counted stays when it is gone; what it held goes', async () => {
  const [a, b] = [own(), own()]
  const { all, undo } = gather([a, b])
  a.count('joins', 2)
  b.count('joins', 3)
  b.observe('flush', 0.02)
  b.gauge('sockets', () => 3)
  await all.text()
  undo[1]!()
  const text = await all.text()
  expect(text).toContain('headcount_joins_total 5\n')
  expect(text).toContain('headcount_flush_seconds_count 1\n')
  expect(text).not.toContain('headcount_sockets')
})

test('a worker that does not answer is not waited for long, and stands with what it said last', async () => {
  const clock = new FakeClock()
  const all = new AllMetrics(clock)
  const [a, b] = [own(), own()]
  let says = () => b.text()
  all.add(() => a.text())
  all.add(() => says())
  b.count('joins', 3)
  await all.text()
  says = () => new Promise(() => {})
  a.count('joins', 1)
  const text = all.text()
  await clock.advance(1_000)
  expect(await text).toContain('headcount_joins_total 4\n')
  says = () => Promise.reject(new Error('expected an answer, got its end'))
  expect(await all.text()).toContain('headcount_joins_total 4\n')
  expect(clock.timers).toBe(0)
})

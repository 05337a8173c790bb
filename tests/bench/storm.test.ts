import { expect, it } from 'vitest'
import { runBenchmark } from './run-benchmark.js'

it('a storm in the benchmark ends exact, and takes at most a fiftieth of a diff per pair of clients', async () => {
  const clients = 1000
  const figures = await runBenchmark('storm', clients, '--only', 'headcount')
  expect(figures).toMatchObject({ wrong: 0, off: 0, lost: 0, missing: 0 })
  // Every client gets a reply, a state and a diff of its own join or a later one; a diff is 150 bytes.
  const pairs = clients * clients
  expect(figures.frames).toBeGreaterThanOrEqual(clients * 2)
  expect(figures.frames).toBeLessThanOrEqual(pairs / 50)
  expect(figures.MB! * 1e6).toBeLessThanOrEqual((pairs / 50) * 150)
}, 60_000)

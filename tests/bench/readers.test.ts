import { expect, it } from 'vitest'
import { runBenchmark } from './run-benchmark.js'

it('of observers, readers and viewers of one topic, only the viewers are counted, and all show it', async () => {
  const figures = await runBenchmark('readers', 100)
  expect(figures).toMatchObject({ missing: 0, lost: 0, wrong: 0, 'viewers counted': 100 })
  expect(figures.frames).toBeGreaterThanOrEqual(3 * 10 * 100)
}, 120_000)

it('a change of one topic of a list is one event of a stream, and one frame of a socket', async () => {
  const figures = await runBenchmark('list', 100)
  expect(figures).toMatchObject({
    missing: 0,
    counted: 120,
    // The head of the response precedes the first event.
    'stream: frames at the start': 101,
    'stream: frames per change': 1,
    // A reply and a state for each topic.
    'socket: frames at the start': 200,
    'socket: frames per change': 1,
  })
}, 120_000)

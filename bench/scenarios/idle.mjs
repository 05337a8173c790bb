import { Trial } from '../trial.mjs'
import { gently } from './scenario.mjs'

/**
 * Memory of a socket that has joined and is quiet: the slope between two sizes, so that what a server takes once is not counted,
 * nor what its heap keeps free.
 *
 * @type {import('./scenario.mjs').Scenario}
 */
export const idle = {
  name: 'idle',
  what: 'bytes for each joined socket, from two sevenths of N to N of them, in topics of a hundred, after collections',
  unit: 'clients',
  sizes: [14_000],
  quick: 600,
  systems: () => ['headcount', 'socketio', 'ws'],
  async run(bench, system, size) {
    const { fleet } = bench
    const topics = Math.ceil(size / 100)
    const trial = await Trial.begin(bench, system, { topics })
    try {
      const few = Math.round((size * 2) / 7)
      await fleet.burst({ from: 0, to: few, ...gently })
      await trial.settle()
      const first = await trial.memory()
      const { missing } = await fleet.burst({ from: few, to: size, ...gently })
      const end = await trial.settle()
      const second = await trial.memory()
      return {
        ...end,
        missing,
        rssEach: (second.rss - first.rss) / (size - few),
        heapEach: (second.heap - first.heap) / (size - few),
        rss: second.rss,
      }
    } finally {
      await trial.end()
    }
  },
}

import { gently } from './scenario.mjs'

/**
 * The slope between two sizes: it excludes the fixed memory of a server and the free part of its heap.
 * @type {import('./scenario.mjs').Scenario}
 */
export const idle = {
  name: 'idle',
  what: 'bytes per joined socket, from two sevenths of N to N sockets, in topics of a hundred, after collections',
  sizes: [14_000],
  systems: () => ['headcount', 'socketio', 'ws'],
  columns: ['RSS per socket, bytes', 'heap per socket, bytes', 'RSS, MB', 'wrong', 'lost'],
  setup: ({ size }) => ({ topics: Math.ceil(size / 100) }),
  async run({ trial, fleet, server, size }) {
    const few = Math.round((size * 2) / 7)
    await trial.measure(() => fleet.grow({ to: few, ...gently }))
    const before = await server.memory()
    const figures = await trial.measure(() => fleet.grow({ to: size, ...gently }))
    const after = await server.memory()
    const each = (/** @type {keyof typeof after} */ name) => ((after[name] - before[name]) * 1e6) / (size - few)
    return {
      ...figures,
      ...after,
      'RSS per socket, bytes': each('RSS, MB'),
      'heap per socket, bytes': each('heap, MB'),
    }
  },
}

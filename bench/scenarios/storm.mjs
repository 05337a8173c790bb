import { visibleDelays } from '../statistics.mjs'

/** @type {import('./scenario.mjs').Scenario} */
export const storm = {
  name: 'storm',
  what: 'N clients join one topic at 500 per second',
  sizes: [500, 2000, 8000],
  // At 8,000 the tutorials' servers send 32 million frames, minutes of CPU per trial.
  systems: (size) =>
    size <= 2000 ? ['headcount', 'socketio', 'socketio-fair', 'ws', 'ws-fair'] : ['headcount', 'ws-fair'],
  columns: [
    ...['server CPU, s', 'frames', 'MB', 'visible, p50 ms', 'p95 ms'],
    ...['wrong', 'lost', 'RSS, MB', 'heap, MB', 'load’s core'],
  ],
  // About twenty clients record a trace.
  setup: ({ size }) => ({ topics: 1, samples: Math.ceil(size / 20) }),
  async run({ trial, fleet, server, size }) {
    const figures = await trial.measure(() => fleet.grow({ to: size, rate: 500, within: 60_000 }))
    const { p50, p95 } = visibleDelays(await fleet.traces())
    return { ...figures, 'visible, p50 ms': p50, 'p95 ms': p95, ...(await server.memory()) }
  },
}

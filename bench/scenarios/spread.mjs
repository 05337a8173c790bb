/** @type {import('./scenario.mjs').Scenario} */
export const spread = {
  name: 'spread',
  what: 'N clients join topics of twenty at 1,000 per second',
  sizes: [10_000],
  systems: () => ['headcount', 'socketio', 'ws'],
  columns: ['server CPU, s', 'frames', 'MB', 'wrong', 'lost', 'RSS, MB', 'heap, MB'],
  setup: ({ size }) => ({ topics: Math.ceil(size / 20) }),
  async run({ trial, fleet, server, size }) {
    const figures = await trial.measure(() => fleet.grow({ to: size, rate: 1000, within: 60_000 }))
    return { ...figures, ...(await server.memory()) }
  },
}

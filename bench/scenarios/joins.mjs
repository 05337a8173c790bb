import { gently } from './scenario.mjs'

/**
 * A join from its first packet to its reply. The server's core may be faster than the load's, so joins are counted per
 * second of the server's CPU.
 * @type {import('./scenario.mjs').Scenario}
 */
export const joins = {
  name: 'joins',
  what: 'N clients connect and join, each another topic, fifty at a time',
  sizes: [6000],
  systems: () => ['headcount', 'socketio', 'ws'],
  columns: ['joins per second of CPU', 'joins per second', 'server CPU, s', 'wrong', 'lost'],
  setup: ({ size }) => ({ topics: size }),
  async run({ trial, fleet, size }) {
    const before = await trial.mark()
    const missing = await fleet.grow({ to: size, ...gently })
    const used = await trial.since(before)
    const rates = {
      'joins per second of CPU': size / used['server CPU, s'],
      'joins per second': size / used['wall, s'],
    }
    return { ...used, ...(await trial.settle()), missing, ...rates }
  },
}

import { Trial } from '../trial.mjs'
import { gently } from './scenario.mjs'

/**
 * What a join costs from its first packet to its first count, each in a topic of its own. The server's core may be faster than
 * the load's: joins a second on one core are joins for each second of the server's CPU.
 *
 * @type {import('./scenario.mjs').Scenario}
 */
export const handshake = {
  name: 'handshake',
  what: 'N clients connect and join, each a topic of its own, fifty at a time',
  unit: 'clients',
  sizes: [6000],
  quick: 500,
  systems: () => ['headcount', 'socketio', 'ws'],
  async run(bench, system, size) {
    const trial = await Trial.begin(bench, system, { topics: size })
    try {
      const before = await trial.mark()
      const { missing } = await bench.fleet.burst({ from: 0, to: size, ...gently })
      const spent = await trial.since(before)
      const end = await trial.settle()
      return { ...spent, ...end, missing, joinsEach: size / spent.cpu, joinsWall: size / spent.wall }
    } finally {
      await trial.end()
    }
  },
}

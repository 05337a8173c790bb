import { now } from '../measure/now.mjs'
import { Trial } from '../trial.mjs'
import { soon } from './scenario.mjs'

/**
 * Clients spread over topics of twenty, 1,000 a second.
 *
 * @type {import('./scenario.mjs').Scenario}
 */
export const spread = {
  name: 'spread',
  what: 'N clients join topics of twenty, 1,000 a second',
  unit: 'clients',
  sizes: [10_000],
  quick: 400,
  systems: () => ['headcount', 'socketio', 'ws'],
  async run(bench, system, size) {
    const topics = Math.ceil(size / 20)
    const trial = await Trial.begin(bench, system, { topics })
    try {
      const { fleet } = bench
      const before = await trial.mark()
      const order = { from: 0, to: size, at: now() + soon, rate: 1000, within: 60_000 }
      const { missing, late } = await fleet.join(order)
      const end = await trial.settle()
      const spent = await trial.since(before)
      return { ...spent, ...end, missing, late, ...(await trial.memory()) }
    } finally {
      await trial.end()
    }
  },
}

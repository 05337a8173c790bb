import { now, sleep } from '../measure/now.mjs'
import { Trial } from '../trial.mjs'
import { soon } from './scenario.mjs'

const clients = 4000
const [topics, every, interval] = [4, 300, 200]

/**
 * What the busiest of Headcount's processes spends with one worker and with two, on joins and on telling them. With a core
 * for each process, and none of the load on them, that process is what the whole waits for. The machine's memory and kernel,
 * which they would share, are left out of it.
 *
 * @type {import('./scenario.mjs').Scenario}
 */
export const workers = {
  name: 'workers',
  what: `CPU of the busiest process for ${clients} joins and their fan-out, with N workers`,
  unit: 'workers',
  sizes: [1, 2],
  quick: 2,
  systems: () => ['headcount'],
  async run(bench, system, size) {
    const { fleet, quick } = bench
    const count = quick ? 400 : clients
    const framesPerSecond = Math.ceil((count / topics) * (1000 / interval))
    const server = { args: ['--workers', String(size)], config: { flush: { framesPerSecond } } }
    const trial = await Trial.begin(bench, system, { topics, server })
    try {
      const before = await trial.mark()
      const order = { from: 0, to: count, at: now() + soon, rate: 2000, within: 60_000 }
      const { missing } = await fleet.join(order)
      const end = await trial.settle()
      const joins = await trial.since(before)
      await sleep(500)
      const told = await trial.mark()
      for (let i = 0; i < topics; i++) await fleet.toggle({ index: i, times: quick ? 2 : 8, every })
      const fan = await trial.since(told)
      return {
        ...end,
        missing,
        joinBusiest: joins.busiest,
        joinCpu: joins.cpu,
        fanBusiest: fan.busiest,
        fanCpu: fan.cpu,
        frames: fan.frames,
      }
    } finally {
      await trial.end()
    }
  },
}

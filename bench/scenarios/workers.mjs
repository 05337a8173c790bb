import { sleep } from '../measure/now.mjs'
import { Trial } from '../trial.mjs'
import { gently } from './scenario.mjs'

const [joiners, listeners] = [6000, 4000]
const [topics, every, interval] = [4, 300, 200]

/**
 * What the busiest of Headcount's processes spends with one worker and with two: on joins, each in a topic of its own, and on
 * telling four topics. With a core for each process, and none of the load on them, that process is what the whole waits for.
 * The machine's memory and kernel, which they would share, are left out of it.
 *
 * @type {import('./scenario.mjs').Scenario}
 */
export const workers = {
  name: 'workers',
  what: `CPU of the busiest process for ${joiners} joins, and for telling ${listeners} clients in ${topics} topics, with N workers`,
  unit: 'workers',
  sizes: [1, 2],
  quick: 2,
  systems: () => ['headcount'],
  alone: true,
  async run(bench, system, size) {
    const { fleet, quick } = bench
    const [joining, listening] = quick ? [400, 400] : [joiners, listeners]
    const framesPerSecond = Math.ceil((listening / topics) * (1000 / interval))
    const server = { args: ['--workers', String(size)], config: { flush: { framesPerSecond } } }
    const trial = await Trial.begin(bench, system, { topics: joining, server })
    try {
      const before = await trial.mark()
      const joined = await fleet.burst({ from: 0, to: joining, ...gently })
      const joins = await trial.since(before)
      await trial.anew(topics)
      const listened = await fleet.burst({ from: 0, to: listening, ...gently })
      await trial.settle()
      await sleep(1000)
      const told = await trial.mark()
      for (let i = 0; i < topics; i++) await fleet.toggle({ index: i, times: quick ? 2 : 8, every })
      const fan = await trial.since(told)
      return {
        ...(await trial.settle()),
        missing: joined.missing + listened.missing,
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

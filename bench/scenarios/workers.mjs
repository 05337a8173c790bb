import { sleep } from '../../tools/load/time.mjs'
import { gently } from './scenario.mjs'

const [joining, listening, topics] = [6000, 4000, 4]
const [every, interval] = [300, 200]

/**
 * With a core per process all others wait for the busiest one; their shared memory and kernel are excluded.
 * @type {import('./scenario.mjs').Scenario}
 */
export const workers = {
  name: 'workers',
  what: 'CPU of the busiest process, with N workers, for 6,000 joins and for broadcasts to 4,000 clients in 4 topics',
  unit: 'workers',
  sizes: [1, 2],
  columns: [
    ...['joins: busiest process, s', 'joins: all processes, s', 'broadcasts: busiest, s', 'broadcasts: all, s'],
    ...['frames', 'wrong', 'lost'],
  ],
  setup({ size }) {
    const flush = { framesPerSecond: Math.ceil((listening / topics) * (1000 / interval)) }
    return { topics: joining, server: { args: ['--workers', String(size)], config: { flush } } }
  },
  async run({ trial, fleet }) {
    const begin = await trial.mark()
    let missing = await fleet.grow({ to: joining, ...gently })
    const joins = await trial.since(begin)
    await trial.restart(topics)
    missing += await fleet.grow({ to: listening, ...gently })
    await trial.settle()
    await sleep(1000)
    const quiet = await trial.mark()
    for (let i = 0; i < topics; i++) await fleet.toggle({ number: i, times: 8, every })
    const broadcasts = await trial.since(quiet)
    return {
      ...broadcasts,
      ...(await trial.settle()),
      missing,
      'joins: busiest process, s': joins['busiest, s'],
      'joins: all processes, s': joins['server CPU, s'],
      'broadcasts: busiest, s': broadcasts['busiest, s'],
      'broadcasts: all, s': broadcasts['server CPU, s'],
    }
  },
}

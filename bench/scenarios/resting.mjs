import { sleep } from '../../tools/load/time.mjs'
import { gently } from './scenario.mjs'

/** How long, in s, is measured: two pings of each client. */
const seconds = 60

/**
 * Joined clients that send nothing but answers to pings. The server's process has used its time for nothing else.
 * @type {import('./scenario.mjs').Scenario}
 */
export const resting = {
  name: 'resting',
  what: `CPU of N joined clients in a minute in which nothing happens but pings, in topics of a hundred`,
  sizes: [10_000],
  columns: ['µs per socket and second', 'server CPU, s', 'frames', 'lost'],
  setup: ({ size }) => ({ topics: Math.ceil(size / 100) }),
  async run({ trial, fleet, size }) {
    await fleet.grow({ to: size, ...gently })
    await sleep(30_000)
    const before = await trial.mark()
    await sleep(seconds * 1000)
    const used = await trial.since(before)
    return {
      ...used,
      ...(await trial.settle()),
      'µs per socket and second': (used['server CPU, s'] / size / seconds) * 1e6,
    }
  },
}

import { sleep } from '../../tools/load/time.mjs'
import { gently } from './scenario.mjs'

/** The duration of the measurement, in s: two or more heartbeats of each client. */
const seconds = 60

/**
 * Joined clients that send a heartbeat every 30 s, as stock clients, or every 24 s, as ours. The server sends a ping
 * after 25 s without one, which the clients answer.
 * @type {import('./scenario.mjs').Scenario}
 */
export const resting = {
  name: 'resting',
  what: 'CPU of N joined clients in a minute of heartbeats and pings, in topics of a hundred',
  sizes: [10_000],
  systems: () => ['headcount', 'headcount-clients'],
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

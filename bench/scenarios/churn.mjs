import { sleep } from '../../tools/load/time.mjs'
import { gently } from './scenario.mjs'

/** Seconds until as many clients return as leave, and of the measurement after that. */
const [lead, seconds] = [2, 20]

/** @type {import('./scenario.mjs').Scenario} */
export const churn = {
  name: 'churn',
  what: '1 % of one topic leaves each second and comes back about a second later, for 22 s; the last 20 are steady',
  sizes: [2000, 10_000],
  // At 10,000 the tutorials' servers send 40 million frames.
  systems: (size) => (size <= 2000 ? ['headcount', 'socketio'] : ['headcount']),
  columns: [
    ...['server CPU, s', 'changes', 'frames', 'MB', 'steady changes', 'steady frames'],
    ...['wrong', 'lost', 'load’s core'],
  ],
  setup: () => ({ topics: 1 }),
  async run({ trial, fleet, size }) {
    await trial.measure(() => fleet.grow({ to: size, ...gently }))
    /** @type {import('./scenario.mjs').Figures} */
    let steady = {}
    // Measured until it is quiet: a server that falls behind pays later.
    const figures = await trial.measure(async () => {
      const churning = fleet.churn({ share: 0.01, seconds: lead + seconds, within: 60_000 })
      await sleep(lead * 1000)
      const before = await trial.mark()
      await sleep(seconds * 1000)
      const { changes, frames } = await trial.since(before)
      steady = { 'steady changes': changes, 'steady frames': frames }
      return churning
    })
    return { ...figures, ...steady }
  },
}

import { sleep } from '../measure/now.mjs'
import { Trial } from '../trial.mjs'
import { gently } from './scenario.mjs'

/** Seconds until as many come back as leave. */
const lead = 2

/**
 * One in a hundred of a topic's clients goes away each second, and comes back about a second later as a new connection.
 *
 * @type {import('./scenario.mjs').Scenario}
 */
export const churn = {
  name: 'churn',
  what: '1 % of one topic leaves and comes back each second, for 22 s; steady are the last 20',
  unit: 'clients',
  sizes: [2000, 10_000],
  quick: 300,
  // At 10,000 a tutorial sends 40 million frames: it is measured where somebody asks for it.
  systems: (size) => (size <= 2000 ? ['headcount', 'socketio'] : ['headcount']),
  async run(bench, system, size) {
    const trial = await Trial.begin(bench, system, { topics: 1 })
    try {
      await bench.fleet.burst({ from: 0, to: size, ...gently })
      await trial.settle()
      return await churning(bench, trial, size)
    } finally {
      await trial.end()
    }
  },
}

/**
 * The churn of a crowd that is there. All of it is what it costs: a server that falls behind pays later. What is steady is the
 * part in which as many come back as leave.
 *
 * @param {import('../trial.mjs').Bench} bench
 * @param {Trial} trial
 * @param {number} size
 */
export async function churning({ fleet, seed, quick }, trial, size) {
  const seconds = quick ? 3 : 20
  const before = await trial.mark()
  const order = { perSecond: size / 100, seconds: lead + seconds, seed, within: 60_000 }
  const churned = fleet.churn(order)
  await sleep(lead * 1000)
  const steady = await trial.mark()
  await sleep(seconds * 1000)
  const { frames: steadyFrames, changes: steadyChanges } = await trial.since(steady)
  const { missing } = await churned
  const end = await trial.settle()
  return { ...(await trial.since(before)), ...end, missing, steadyFrames, steadyChanges }
}

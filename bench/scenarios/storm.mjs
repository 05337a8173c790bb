import { now } from '../measure/now.mjs'
import { visible } from '../measure/visible.mjs'
import { Trial } from '../trial.mjs'
import { churning } from './churn.mjs'
import { soon } from './scenario.mjs'

const rate = 500

/**
 * So many clients join one topic at 500 a second.
 *
 * @type {import('./scenario.mjs').Scenario & { runWithChurn: (...args: Parameters<import('./scenario.mjs').Scenario['run']>) =>
 *   Promise<{ storm: import('./scenario.mjs').Figures, churn: import('./scenario.mjs').Figures }> }}
 */
export const storm = {
  name: 'storm',
  what: 'N clients join one topic at 500 a second',
  unit: 'clients',
  sizes: [500, 2000, 8000],
  quick: 300,
  // At 8,000 a tutorial sends 32 million frames, minutes of CPU a trial: it is measured where somebody asks for it.
  systems: (size) =>
    size <= 2000 ? ['headcount', 'socketio', 'socketio-fair', 'ws', 'ws-fair'] : ['headcount', 'ws-fair'],
  async run(bench, system, size) {
    const trial = await Trial.begin(bench, system, { topics: 1, samples: samplesOf(size) })
    try {
      return await storming(bench, trial, size)
    } finally {
      await trial.end()
    }
  },
  /** The same crowd then churns: what its coming costs a tutorial is spent once. */
  async runWithChurn(bench, system, size) {
    const trial = await Trial.begin(bench, system, { topics: 1, samples: samplesOf(size) })
    try {
      const figures = await storming(bench, trial, size)
      return { storm: figures, churn: await churning(bench, trial, size) }
    } finally {
      await trial.end()
    }
  },
}

/** About ten clients of each process say what they were told. @param {number} size */
function samplesOf(size) {
  return Math.max(1, Math.floor(size / 20))
}

/**
 * @param {import('../trial.mjs').Bench} bench
 * @param {Trial} trial
 * @param {number} size
 */
async function storming({ fleet }, trial, size) {
  const before = await trial.mark()
  const at = now() + soon
  const { missing, late } = await fleet.join({ from: 0, to: size, at, rate, within: 60_000 })
  const end = await trial.settle()
  const spent = await trial.since(before)
  const { p50, p95 } = visible(await fleet.traces())
  const { rss, heap } = await trial.memory()
  return { ...spent, ...end, missing, late, p50, p95, rss, heap }
}

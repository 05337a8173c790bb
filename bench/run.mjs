import { Fleet, loadProcesses } from './load/fleet.mjs'
import { now } from './measure/now.mjs'
import { machine } from './report/machine.mjs'
import { Progress } from './report/progress.mjs'
import { storm } from './scenarios/storm.mjs'

/**
 * One trial that was measured.
 *
 * @typedef {object} Measured
 * @property {string} scenario
 * @property {number} size
 * @property {import('./server/systems.mjs').SystemName} system
 * @property {number} repeat
 * @property {import('./trial.mjs').Figures} figures
 *
 * @typedef {object} Results
 * @property {ReturnType<typeof machine>} machine
 * @property {string} date
 * @property {number} minutes How long all of it took.
 * @property {readonly string[]} nodeFlags
 * @property {readonly Measured[]} measured
 * @property {readonly string[]} failed What could not be measured, and why.
 */

/**
 * Carries a plan out and says how it goes. What fails is left out and said.
 *
 * @param {readonly import('./plan.mjs').Step[]} steps
 * @param {import('./options.mjs').Options} options
 * @param {(results: Results) => void} keep Called with all there is after each trial.
 * @returns {Promise<Results>}
 */
export async function measure(steps, options, keep) {
  const begun = now()
  const fleet = new Fleet(loadProcesses)
  const progress = new Progress(steps)
  const { nodeFlags, prefix, quick } = options
  const target = options.target && { url: options.target, pid: options.targetPid }
  /** @type {Measured[]} */
  const measured = []
  /** @type {string[]} */
  const failed = []
  const about = { machine: machine(), date: new Date().toISOString().slice(0, 10), nodeFlags }
  const results = () => ({ ...about, minutes: (now() - begun) / 60_000, failed, measured })
  try {
    for (const [i, step] of steps.entries()) {
      progress.begin(i)
      const { scenario, size, system, repeat } = step
      const bench = { fleet, nodeFlags, target, prefix, quick, seed: repeat }
      try {
        const parts = step.withChurn
          ? await storm.runWithChurn(bench, system, size)
          : { [scenario.name]: await scenario.run(bench, system, size) }
        for (const [name, figures] of Object.entries(parts)) {
          measured.push({ scenario: name, size, system, repeat, figures })
        }
        progress.end(i, parts)
      } catch (error) {
        failed.push(progress.failed(i, error))
      }
      keep(results())
    }
  } finally {
    await fleet.clear().catch(() => {})
    fleet.stop()
  }
  return results()
}

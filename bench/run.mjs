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
 */

/**
 * Carries a plan out and says how it goes.
 *
 * @param {readonly import('./plan.mjs').Step[]} steps
 * @param {import('./options.mjs').Options} options
 * @returns {Promise<Results>}
 */
export async function measure(steps, options) {
  const begun = now()
  const fleet = new Fleet(loadProcesses)
  const progress = new Progress(steps)
  const { nodeFlags, prefix, quick } = options
  const target = options.target && { url: options.target, pid: options.targetPid }
  /** @type {Measured[]} */
  const measured = []
  try {
    for (const [i, step] of steps.entries()) {
      progress.begin(i)
      const { scenario, size, system, repeat } = step
      const bench = { fleet, nodeFlags, target, prefix, quick, seed: repeat }
      const parts = step.withChurn
        ? await storm.runWithChurn(bench, system, size)
        : { [scenario.name]: await scenario.run(bench, system, size) }
      for (const [name, figures] of Object.entries(parts)) {
        measured.push({ scenario: name, size, system, repeat, figures })
      }
      progress.end(i, parts)
    }
  } finally {
    await fleet.clear().catch(() => {})
    fleet.stop()
  }
  const minutes = (now() - begun) / 60_000
  return { machine: machine(), date: new Date().toISOString().slice(0, 10), minutes, nodeFlags, measured }
}

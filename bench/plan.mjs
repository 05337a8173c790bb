import { scenarios } from './scenarios/index.mjs'
import { redisProgram } from './server/redis.mjs'

/**
 * One trial to come.
 *
 * @typedef {object} Step
 * @property {import('./scenarios/scenario.mjs').Scenario} scenario
 * @property {number} size
 * @property {import('./server/systems.mjs').SystemName} system
 * @property {number} repeat From 1 on.
 * @property {boolean} withChurn A storm whose crowd then churns.
 */

/**
 * All trials, in their order: sizes and systems take turns within each repeat, so that whatever else the machine does falls on all.
 *
 * @param {import('./options.mjs').Options} options
 * @returns {Step[]}
 */
export function plan(options) {
  const chosen = scenarios.filter(
    ({ name }) => (options.scenarios.length === 0 || options.scenarios.includes(name)) && can(name),
  )
  const churns = chosen.find(({ name }) => name === 'churn')
  /** @type {Step[]} */
  const steps = []
  for (const scenario of chosen) {
    const repeats = Math.min(options.repeats, scenario.most ?? options.repeats)
    for (let repeat = 1; repeat <= repeats; repeat++) {
      for (const size of sizesOf(scenario, options)) {
        for (const system of systemsOf(scenario, size, options)) {
          const also = (/** @type {import('./scenarios/scenario.mjs').Scenario} */ other) =>
            sizesOf(other, options).includes(size) && systemsOf(other, size, options).includes(system)
          const storm = scenarios[0]
          const withChurn = scenario === storm && churns !== undefined && also(churns)
          // It was measured with the storm.
          if (scenario === churns && storm !== undefined && chosen.includes(storm) && also(storm)) continue
          steps.push({ scenario, size, system, repeat, withChurn })
        }
      }
    }
  }
  return steps
}

/**
 * @param {import('./scenarios/scenario.mjs').Scenario} scenario
 * @param {import('./options.mjs').Options} options
 */
function sizesOf(scenario, { sizes, quick }) {
  return sizes ?? (quick ? [scenario.quick] : scenario.sizes)
}

/**
 * @param {import('./scenarios/scenario.mjs').Scenario} scenario
 * @param {number} size
 * @param {import('./options.mjs').Options} options
 */
function systemsOf(scenario, size, { only, target }) {
  const own = scenario.systems(size)
  /** @param {import('./server/systems.mjs').SystemName} name */
  const able = (name) => own.includes(name) || (!scenario.alone && name !== 'floor')
  if (only !== undefined) return only.filter(able)
  return target === undefined || scenario.alone ? own : [...own, /** @type {const} */ ('target')]
}

/** @param {string} name */
function can(name) {
  return name !== 'cluster' || redisProgram !== undefined
}

import { runs } from './pin.mjs'
import { beside } from './scenarios/beside.mjs'
import { churn } from './scenarios/churn.mjs'
import { cluster } from './scenarios/cluster.mjs'
import { fanout } from './scenarios/fanout.mjs'
import { idle } from './scenarios/idle.mjs'
import { joins } from './scenarios/joins.mjs'
import { list } from './scenarios/list.mjs'
import { polls } from './scenarios/polls.mjs'
import { readers } from './scenarios/readers.mjs'
import { resting } from './scenarios/resting.mjs'
import { spread } from './scenarios/spread.mjs'
import { storm } from './scenarios/storm.mjs'
import { workers } from './scenarios/workers.mjs'
import { systems } from './systems.mjs'

/** @typedef {import('./scenarios/scenario.mjs').Scenario} Scenario */
/** @typedef {import('./systems.mjs').SystemName} SystemName */
/** @typedef {{ scenario: Scenario, size: number, system: SystemName, repeat: number }} Step */

/** In the order in which they are measured. @type {readonly Scenario[]} */
export const scenarios = [
  ...[storm, churn, spread, idle, resting, polls, fanout, readers, list],
  ...[beside, joins, workers, cluster],
]

/**
 * All trials in order. Sizes and systems alternate within each repeat, so that other work of the machine affects all.
 * @param {import('./options.mjs').Options} options
 * @returns {Step[]}
 * @throws {Error} if a name is unknown or a number is not one.
 */
export function plan({ scenarios: names, sizes, repeats, only, quick }) {
  const unknown = [...names, ...(only ?? [])].find(
    (name) => !(name in systems || scenarios.some((one) => one.name === name)),
  )
  const number = [...(sizes ?? []), repeats].find((each) => !(Number.isInteger(each) && each > 0))
  if (unknown !== undefined || number !== undefined) {
    throw new Error(`expected a scenario, a system or a whole number, got ${unknown ?? number}`)
  }
  const hasRedis = runs('redis-server', '--version') || runs('valkey-server', '--version')
  const isChosen = (/** @type {string} */ name) => names.length === 0 || names.includes(name)
  const chosen = scenarios.filter(({ name }) => isChosen(name) && (name !== 'cluster' || hasRedis))
  return chosen.flatMap((scenario) =>
    Array.from({ length: repeats }, (_, i) => i + 1).flatMap((repeat) =>
      (sizes ?? (quick ? quickSize(scenario) : scenario.sizes)).flatMap((size) => {
        const own = scenario.systems?.(size) ?? ['headcount']
        // A tutorial's server that is omitted at a large size is measured on request.
        const all = /** @type {SystemName[]} */ (scenario.systems ? Object.keys(systems) : own)
        const possible = all.filter((name) => name !== 'floor' || own.includes(name))
        const measured = only === undefined ? own : possible.filter((name) => only.includes(name))
        return measured.map((system) => ({ scenario, size, system, repeat }))
      }),
    ),
  )
}

/** A tenth of the clients; two replicas or workers. @param {Scenario} scenario */
const quickSize = ({ unit, sizes: [first = 0] }) => (unit === undefined ? [Math.ceil(first / 10)] : [2])

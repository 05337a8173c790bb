import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { Fleet } from '../tools/load/fleet.mjs'
import { now } from '../tools/load/time.mjs'
import { canPin, pin } from './pin.mjs'
import { startSystem, systems } from './systems.mjs'
import { Trial } from './trial.mjs'

/**
 * @typedef {import('./scenarios/scenario.mjs').Figures} Figures
 * @typedef {import('./systems.mjs').SystemName} SystemName
 * @typedef {{ scenario: string, size: number, system: SystemName, repeat: number, figures: Figures }} Measured One
 *   trial.
 * @typedef {{ about: string, measured: Measured[], failed: string[] }} Results `failed`: trials that could not be
 *   measured.
 */

/**
 * Runs all trials and prints their progress. Failed ones are omitted.
 * @param {readonly import('./plan.mjs').Step[]} steps
 * @param {import('./options.mjs').Options} options
 * @param {(results: Results) => void} save Called after each trial with all results so far.
 * @returns {Promise<Results>}
 */
export async function measure(steps, options, save) {
  const fleet = new Fleet()
  pin(0, fleet.pid)
  const begin = now()
  /** @type {Results} */
  const results = { about: about(options.nodeFlags), measured: [], failed: [] }
  try {
    for (const [i, step] of steps.entries()) {
      const { scenario, size, system, repeat } = step
      const title = `[${i + 1}/${steps.length}] ${scenario.name} ${size}, ${systems[system].label}, #${repeat}`
      try {
        const figures = await runTrial(fleet, step, options)
        results.measured.push({ scenario: scenario.name, size, system, repeat, figures })
        const shown = [...scenario.columns, ...(figures.missing ? ['missing'] : [])]
        const text = shown.map((name) => `${name} ${Number(figures[name]?.toPrecision(3))}`).join('; ')
        const left = (((now() - begin) / (i + 1)) * (steps.length - i - 1)) / 60_000
        console.log(`${title}: ${text} (about ${Math.ceil(left)} min left)`)
      } catch (error) {
        results.failed.push(`${title}: ${error instanceof Error ? error.message : error}`)
        console.log(results.failed.at(-1))
      }
      save(results)
    }
  } finally {
    await fleet.stop()
  }
  return results
}

/** @param {Fleet} fleet @param {import('./plan.mjs').Step} step @param {import('./options.mjs').Options} options */
async function runTrial(fleet, { scenario, size, system }, { nodeFlags, cold }) {
  const options = await scenario.setup({ size, system })
  const server = await startSystem(system, { nodeFlags, ...options.server })
  const trial = new Trial(fleet, server, options)
  try {
    await trial.begin({ cold })
    return await scenario.run({ trial, fleet, server, size, system, redis: options.redis, cold })
  } finally {
    await fleet.clear()
    await server.stop()
    await options.stop?.()
  }
}

/** The date, the machine and the versions. @param {readonly string[]} nodeFlags */
function about(nodeFlags) {
  const version = (/** @type {string} */ name) =>
    `${name} ${JSON.parse(readFileSync(new URL(import.meta.resolve(`${name}/package.json`)), 'utf8')).version}`
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`
  const cores = canPin ? 'load on core 0, servers on core 1' : 'load and servers share the cores'
  const node = ['Node', process.version, ...nodeFlags].join(' ')
  const versions = ['headcount', 'socket.io', 'ws'].map(version)
  return [new Date().toISOString().slice(0, 10), machine, `Linux ${release()}`, node, ...versions, cores].join('; ')
}

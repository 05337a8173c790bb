import { memory, redis } from './engines.mjs'
import { even } from './random.mjs'
import { simulate } from './simulate.mjs'
import { sum } from './tally.mjs'

/**
 * What was measured for real and is simulated too: how far the simulation can be believed.
 *
 * @typedef {object} Point
 * @property {string} scenario
 * @property {number} size
 * @property {import('../trial.mjs').Figures} figures
 */

/** One run of each, 2026-11-24, on two cores shared with other work. `--from` puts others in their place. @type {readonly Point[]} */
export const recorded = [
  { scenario: 'storm', size: 500, figures: { frames: 4831, cpu: 0.332, p50: 45.9 } },
  { scenario: 'storm', size: 2000, figures: { frames: 20_915, cpu: 1.106, p50: 235 } },
  { scenario: 'storm', size: 8000, figures: { frames: 91_895, cpu: 3.94, p50: 636 } },
  { scenario: 'churn', size: 2000, figures: { frames: 93_987, cpu: 1.853 } },
  { scenario: 'spread', size: 2000, figures: { frames: 25_000, cpu: 1.514 } },
  { scenario: 'handshake', size: 6000, figures: { frames: 18_000, cpu: 2.677, wall: 23.3 } },
  { scenario: 'cluster', size: 1, figures: { changes: 4798, sentEach: 0.1094 } },
  { scenario: 'cluster', size: 2, figures: { changes: 4798, sentEach: 0.237 } },
  { scenario: 'cluster', size: 4, figures: { changes: 4798, sentEach: 0.1609 } },
  { scenario: 'cluster', size: 8, figures: { changes: 4798, sentEach: 0.1586 } },
]

/**
 * @typedef {object} Check
 * @property {string} what
 * @property {number} measured
 * @property {number} simulated
 * @property {boolean} count A count, the same on every machine; a time is the machine's.
 */

/**
 * @param {readonly Point[]} points
 * @param {import('./units.mjs').Units} units
 * @returns {Check[]}
 */
export function checks(points, units) {
  return points.flatMap(({ scenario, size, figures }) => {
    const world = worldOf(scenario, size, figures, units)
    if (world === undefined) return []
    const { tally } = simulate(world)
    const joins = sum(tally.joins)
    // Each join is answered, and told a state.
    const frames = sum(tally.frames) + 2 * joins
    const cpu =
      (joins * units.join +
        sum(tally.leaves) * units.leave +
        sum(tally.flushes) * units.flush +
        sum(tally.frames) * units.frame) /
      1e6
    const name = `${scenario} ${size}`
    /** @type {Check[]} */
    const list = []
    /** @param {string} what @param {number | undefined} measured @param {number} simulated @param {boolean} count */
    const add = (what, measured, simulated, count) => {
      if (measured !== undefined && Number.isFinite(measured))
        list.push({ what: `${name}: ${what}`, measured, simulated, count })
    }
    if (scenario === 'cluster') {
      const { changes = Number.NaN, sentEach = Number.NaN } = figures
      add('commands', changes * sentEach, tally.commits + tally.publishes, false)
    } else {
      add('frames', figures.frames, frames, true)
      add('CPU, s', figures.cpu, cpu, false)
      if (scenario === 'storm') add('p50 until shown, ms', figures.p50, tally.waits.quantile(0.5), false)
    }
    return list
  })
}

/**
 * The world of a scenario of the benchmark.
 *
 * @param {string} scenario
 * @param {number} size
 * @param {import('../trial.mjs').Figures} figures
 * @param {import('./units.mjs').Units} units
 * @returns {import('./simulate.mjs').World | undefined}
 */
function worldOf(scenario, size, figures, units) {
  const one = {
    replicas: 1,
    engine: memory,
    frame: units.frame / 1000,
    turn: units.flush / 1000,
    seconds: 0,
    seed: 1,
  }
  if (scenario === 'storm') return { ...one, sizes: even(size, 1), arrive: 500 }
  if (scenario === 'spread') return { ...one, sizes: even(size, Math.ceil(size / 20)), arrive: 1000 }
  if (scenario === 'handshake') return { ...one, sizes: even(size, size), arrive: size / (figures.wall ?? 5) }
  if (scenario === 'churn') return { ...one, sizes: even(size, 1), leave: size / 100, seconds: 22, drain: true }
  if (scenario !== 'cluster') return undefined
  const cluster = { balancer: /** @type {const} */ ('turns'), leave: 400, seconds: 6, drain: true }
  return { ...one, ...cluster, engine: redis, replicas: size, sizes: even(2000, 20) }
}

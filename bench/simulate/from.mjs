import { median } from '../measure/stats.mjs'
import { readResults } from '../results.mjs'
import { recorded } from './points.mjs'
import { units } from './units.mjs'

/**
 * Which figure of which scenario a unit is, where the benchmark measures it.
 *
 * @type {Record<string, { scenario: string, of: (figures: import('../trial.mjs').Figures, size: number) => number }>}
 */
const sources = {
  join: { scenario: 'handshake', of: ({ cpu = Number.NaN }, size) => (cpu / size) * 1e6 },
  joinBytes: { scenario: 'handshake', of: ({ bytes = Number.NaN }, size) => bytes / size },
  frame: { scenario: 'fanout', of: ({ cpuEach = Number.NaN }) => cpuEach },
  socketMemory: { scenario: 'idle', of: ({ rssEach = Number.NaN }) => rssEach },
}

/**
 * Units and points, as measured by a run of the benchmark where it measured them: medians of the largest size.
 *
 * @param {string | undefined} file
 */
export function readFrom(file) {
  if (file === undefined) return { units, points: recorded, taken: [] }
  const { measured } = readResults(file)
  const ours = measured.filter(({ system }) => system === 'headcount')
  /** @param {string} scenario @param {number} size */
  const trials = (scenario, size) => ours.filter((one) => one.scenario === scenario && one.size === size)
  /** @param {string} scenario */
  const sizes = (scenario) =>
    [...new Set(ours.filter((one) => one.scenario === scenario).map(({ size }) => size))].sort((a, b) => a - b)
  const own = Object.entries(sources).flatMap(([name, { scenario, of }]) => {
    const size = sizes(scenario).at(-1)
    return size === undefined ? [] : [[name, median(trials(scenario, size).map(({ figures }) => of(figures, size)))]]
  })
  const names = [...new Set(ours.map(({ scenario }) => scenario))]
  const points = names.flatMap((scenario) =>
    sizes(scenario).map((size) => ({ scenario, size, figures: medians(trials(scenario, size)) })),
  )
  return { units: { ...units, ...Object.fromEntries(own) }, points, taken: own.map(([name]) => String(name)) }
}

/** @param {readonly import('../run.mjs').Measured[]} trials */
function medians(trials) {
  const names = Object.keys(trials[0]?.figures ?? {})
  return Object.fromEntries(
    names.map((name) => [name, median(trials.map(({ figures }) => figures[name] ?? Number.NaN))]),
  )
}

import { median } from '../measure/stats.mjs'
import { labelOf } from '../server/systems.mjs'
import { number } from './format.mjs'
import { svg } from './plot.mjs'
import { Summary, valuesOf } from './summary.mjs'

/** What is drawn, of what was measured. */
const drawn = [
  {
    file: 'storm',
    scenario: 'storm',
    size: 2000,
    name: 'cpu',
    unit: 's',
    log: true,
    title: 'Server CPU, 2,000 join one topic at 500 a second (logarithmic)',
  },
  {
    file: 'storm-8000',
    scenario: 'storm',
    size: 8000,
    name: 'cpu',
    unit: 's',
    log: false,
    title: 'Server CPU, 8,000 join one topic at 500 a second',
  },
  {
    file: 'churn',
    scenario: 'churn',
    size: 2000,
    name: 'cpu',
    unit: 's',
    log: true,
    title: 'Server CPU, 20 s of 1 % a second of 2,000 (logarithmic)',
  },
  {
    file: 'idle',
    scenario: 'idle',
    size: 14_000,
    name: 'rssEach',
    unit: 'bytes',
    log: false,
    title: 'RSS of one joined socket',
  },
  {
    file: 'fanout',
    scenario: 'fanout',
    size: 9900,
    name: 'cpuEach',
    unit: 'µs',
    log: false,
    title: 'Server CPU for one frame told, 9,900 sockets',
  },
  {
    file: 'handshake',
    scenario: 'handshake',
    size: 6000,
    name: 'joinsEach',
    unit: 'joins',
    log: false,
    title: 'Joins for one second of CPU (more is better)',
  },
]

/**
 * The plots of all that was measured.
 *
 * @param {import('../run.mjs').Results} results
 */
export function plots(results) {
  const summary = new Summary(results.measured)
  return drawn.flatMap(({ file, scenario, size, name, unit, log, title }) => {
    const rows = summary.groups
      .filter((group) => group.scenario === scenario && group.size === size && valuesOf(group, name).length > 0)
      .map((group) => {
        const value = median(valuesOf(group, name))
        return {
          label: labelOf(group.system),
          value,
          shown: `${number(value)} ${unit}`,
          ours: group.system === 'headcount',
        }
      })
    return rows.length < 2 ? [] : [{ file: `${file}.svg`, title, content: svg({ title, rows, log }) }]
  })
}

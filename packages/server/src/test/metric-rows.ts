import { counters, durations, gauges } from '@headcount/core'

/** Every metric under its Prometheus name. */
export const metricRows = [
  ...rowsOf(counters, 'counter', '_total'),
  ...rowsOf(gauges, 'gauge', ''),
  ...rowsOf(durations, 'histogram', '_seconds'),
]

function rowsOf(definitions: Readonly<Record<string, (typeof counters)['joins']>>, type: string, suffix: string) {
  return Object.entries(definitions).map(([name, { help, labels = [] }]) => {
    return { name: `headcount_${name}${suffix}`, type, labels, help }
  })
}

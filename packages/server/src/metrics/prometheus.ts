import { counters, durations, type GaugeName, gauges, type Metrics, type Sample } from '@headcount/core'
import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client'
import { openFiles } from '../open-files.js'

/** The pattern of label values and the maximum per metric, so that no text of a client becomes a label. */
const labelShape = /^[A-Za-z0-9][A-Za-z0-9_ -]{0,39}$/
const maxLabelValues = 24

/** Metrics in a separate prom-client registry. */
export interface PrometheusMetrics extends Metrics {
  /** All metrics as data, which `AggregatorRegistry.aggregate` of prom-client merges with those of other processes. */
  snapshot(): Promise<object[]>
}

/**
 * The metrics of one server, named `headcount_…`.
 * @param process whether to add the metrics of the Node process: memory, CPU time, garbage collection.
 */
export function createMetrics({ process = true }: { readonly process?: boolean } = {}): PrometheusMetrics {
  const registry = new Registry()
  if (process) addProcessMetrics(registry)
  const registers = [registry]
  const readers = new Map<GaugeName, () => number | readonly Sample[]>()

  const counting = mapValues(counters, ({ help, labels = [] }, name) => {
    const [label] = labels
    const settings = { name: `headcount_${name}_total`, help, registers }
    return label === undefined ? plainCounter(settings) : labelledCounter(settings, label)
  })
  const histograms = mapValues(durations, (definition, name) => {
    const { help, buckets, labels = [] } = definition
    const [label] = labels
    const settings = { name: `headcount_${name}_seconds`, help, buckets, registers }
    if (label !== undefined) return labelledHistogram(settings, label)
    const histogram = new Histogram(settings)
    return (seconds: number) => histogram.observe(seconds)
  })

  return {
    count: (name, by = 1, label) => counting[name].add(by, label),
    read: (name) => counting[name].read(),
    gauge(name, read) {
      const isNew = !readers.has(name)
      readers.set(name, read)
      if (!isNew) return
      const { labels: labelNames = [], ...definition } = gauges[name]
      new Gauge({
        ...{ ...definition, name: `headcount_${name}`, labelNames, registers },
        collect() {
          const value = readers.get(name)!()
          if (typeof value === 'number') return this.set(value)
          this.reset()
          for (const { labels, value: one } of value) this.labels(...labels).set(one)
        },
      })
    },
    observe: (name, seconds, label) => histograms[name](seconds, label),
    text: () => registry.metrics(),
    snapshot: () => registry.getMetricsAsJSON(),
    contentType: registry.contentType,
  }
}

/**
 * prom-client samples the delay of the event loop with a timer, which is most of the CPU time of an idle process, and
 * reports the timer's interval as a part of each delay. Lists of all handles and files take longer the more
 * sockets there are. Those metrics are omitted, except the number of files, which Linux provides without a list.
 */
function addProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 2 ** 31 - 1 })
  for (const name of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
    register.removeSingleMetric(`nodejs_eventloop_lag_${name}_seconds`)
  for (const kind of ['handles', 'requests', 'resources']) {
    register.removeSingleMetric(`nodejs_active_${kind}`)
    register.removeSingleMetric(`nodejs_active_${kind}_total`)
  }
  register.removeSingleMetric('process_open_fds')
  if (openFiles() === undefined) return
  new Gauge({
    ...{ name: 'process_open_fds', help: 'Number of open file descriptors.', registers: [register] },
    collect() {
      this.set(openFiles()?.used ?? Number.NaN)
    },
  })
}

interface Counting {
  add(by: number, label?: string): void
  read(): ReadonlyMap<string, number>
}

/** Counts every frame, so it adds to a number, which is given to prom-client when that is read. */
function plainCounter(settings: CounterConfiguration<string>): Counting {
  let [total, given] = [0, 0]
  new Counter({
    ...settings,
    collect() {
      this.inc(total - given)
      given = total
    },
  })
  return {
    add(by) {
      total += by
    },
    read: () => new Map([['', total]]),
  }
}

/** A value becomes `other` where it does not have the shape of a label, or the counter has too many values. */
function labelledCounter(settings: CounterConfiguration<string>, label: string): Counting {
  const totals = new Map<string, number>()
  new Counter({
    ...settings,
    labelNames: [label],
    collect() {
      this.reset()
      for (const [value, total] of totals) this.inc({ [label]: value }, total)
    },
  })
  return {
    add(by, value = 'other') {
      const isKnown = totals.has(value) || (totals.size < maxLabelValues && labelShape.test(value))
      const shown = isKnown ? value : 'other'
      totals.set(shown, (totals.get(shown) ?? 0) + by)
    },
    read: () => totals,
  }
}

/** Its label is a text of the settings, so it may be any text. Beyond the number of values it becomes `other`. */
function labelledHistogram(
  settings: HistogramConfiguration<string>,
  label: string,
): (seconds: number, value?: string) => void {
  const histogram = new Histogram({ ...settings, labelNames: [label] })
  const known = new Set<string>()
  return (seconds, value = 'other') => {
    if (known.size < maxLabelValues) known.add(value)
    histogram.observe({ [label]: known.has(value) ? value : 'other' }, seconds)
  }
}

function mapValues<K extends string, V, W>(record: Readonly<Record<K, V>>, map: (value: V, key: K) => W): Record<K, W> {
  const entries = Object.entries(record) as [K, V][]
  return Object.fromEntries(entries.map(([key, value]) => [key, map(value, key)])) as Record<K, W>
}

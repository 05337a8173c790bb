import type { CounterName, DurationName, GaugeName, Metrics } from '@headcount/core'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

const counters: { readonly [name in CounterName]: { readonly help: string; readonly label?: string } } = {
  joins: { help: 'Channels that joined' },
  leaves: { help: 'Channels that left' },
  refused: { help: 'Joins that were refused', label: 'reason' },
  frames_sent: { help: 'Frames written to sockets' },
  bytes_sent: { help: 'Bytes of frames written to sockets' },
  flushes: { help: 'Times the moved counts of a topic were told' },
  diffs: { help: 'Diffs sent, one a socket' },
  states: { help: 'States sent, to joiners and to slow sockets that drained' },
  slow_skips: { help: 'Diffs that a slow socket was not sent' },
  invalid_tokens: { help: 'Tokens that did not hold', label: 'reason' },
  bad_frames: { help: 'Frames that were no Phoenix frames', label: 'code' },
  closes: { help: 'Sockets closed', label: 'code' },
  commits: { help: 'Commits that the engine kept' },
  commits_lost: { help: 'Commits to an engine that held nothing of this replica' },
  commits_failed: { help: 'Commits that did not reach the engine' },
}

const gauges: { readonly [name in GaugeName]: string } = {
  sockets: 'Open sockets',
  channels: 'Channels: one socket in one topic',
  topics: 'Topics that this replica holds',
  streams: 'Open Server-Sent Events streams',
  ready: '1 when the server may take sockets, else 0',
}

const durations: {
  readonly [name in DurationName]: { readonly help: string; readonly buckets: readonly number[] }
} = {
  flush: {
    help: 'Seconds from the first write of a flush to its last',
    buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  },
}

/** What a label may look like, and how many values one counter may have: no name of a client's fits in by mistake. */
const labelShape = /^[A-Za-z0-9][A-Za-z0-9_ -]{0,39}$/
const maxLabelValues = 24

/** How often, in ms, the delay of the event loop is looked at. The library's own 10 wake an idle process a hundred times a second. */
const loopEvery = 100

/**
 * Metrics of one server, in a registry of its own, named `headcount_…`.
 * @param process whether to add Node's own figures (memory, event loop, garbage collection).
 */
export function createMetrics({ process = true }: { readonly process?: boolean } = {}): Metrics {
  const registry = new Registry()
  if (process) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: loopEvery })
  const registers = [registry]
  const readers = new Map<GaugeName, () => number>()

  const counts = mapValues(counters, ({ help, label }, name) => {
    const settings = { name: `headcount_${name}_total`, help, registers }
    return label === undefined ? plainCounter(settings) : labelledCounter(settings, label)
  })
  const histograms = mapValues(
    durations,
    ({ help, buckets }, name) =>
      new Histogram({ name: `headcount_${name}_seconds`, help, registers, buckets: [...buckets] }),
  )

  return {
    count: (name, by = 1, label) => counts[name](by, label),
    gauge(name, read) {
      if (!readers.has(name)) {
        new Gauge({
          name: `headcount_${name}`,
          help: gauges[name],
          registers,
          collect() {
            this.set(readers.get(name)!())
          },
        })
      }
      readers.set(name, read)
    },
    observe: (name, seconds) => histograms[name].observe(seconds),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

interface CounterSettings {
  readonly name: string
  readonly help: string
  readonly registers: Registry[]
}

/** Counts every frame, so it only adds; the library hears of it when it is asked. */
function plainCounter(settings: CounterSettings): (by: number) => void {
  let more = 0
  new Counter({
    ...settings,
    collect() {
      this.inc(more)
      more = 0
    },
  })
  return (by) => {
    more += by
  }
}

function labelledCounter(settings: CounterSettings, label: string): (by: number, value?: string) => void {
  const counter = new Counter({ ...settings, labelNames: [label] })
  const tame = tamer()
  return (by, value = 'other') => counter.inc({ [label]: tame(value) }, by)
}

/** Passes so many short words of one counter; whatever else comes is `other`, so that labels stay few and tame. */
function tamer(): (value: string) => string {
  const known = new Set<string>()
  return (value) => {
    if (known.has(value)) return value
    if (known.size >= maxLabelValues || !labelShape.test(value)) return 'other'
    known.add(value)
    return value
  }
}

function mapValues<K extends string, V, W>(
  record: { readonly [key in K]: V },
  map: (value: V, key: K) => W,
): { readonly [key in K]: W } {
  const entries = Object.entries(record) as [K, V][]
  return Object.fromEntries(entries.map(([key, value]) => [key, map(value, key)])) as { [key in K]: W }
}

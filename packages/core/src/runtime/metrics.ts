/** The description of one metric. */
export interface MetricDefinition {
  readonly help: string
  /** The names of its labels: counters and histograms have at most one. */
  readonly labels?: readonly string[]
  /** How the values of several processes are merged. Default: by adding them. */
  readonly aggregator?: 'min' | 'max' | 'first'
}

/** A table whose type has the names of its rows. */
function tableOf<D extends MetricDefinition>() {
  return <N extends string>(rows: { readonly [name in N]: D }) => rows
}

/**
 * All metrics; docs/METRICS.md has the same list. A label is a short constant, such as a reason or an error code, or a
 * text of the settings, never a text from a client.
 */
export const counters = tableOf<MetricDefinition>()({
  joins: { help: 'Channels that joined a topic and are counted' },
  leaves: { help: 'Counted channels that left their topic' },
  refused: { help: 'Replies with an error, by reason', labels: ['reason'] },
  refused_upgrades: { help: 'Refused requests for a socket, by error code', labels: ['code'] },
  frames_sent: { help: 'Frames sent to sockets' },
  bytes_sent: { help: 'Bytes of frames sent to sockets' },
  flushes: { help: 'Broadcasts of the changed counts of a topic' },
  diffs: { help: 'Diffs sent, per channel' },
  states: { help: 'States sent, per channel' },
  slow_skips: { help: 'Diffs skipped because the socket was too slow' },
  invalid_tokens: { help: 'Rejected tokens, by reason', labels: ['reason'] },
  invalid_keys: { help: 'Rejected operator keys, by reason: wrong, or slowed after wrong ones', labels: ['reason'] },
  closes: { help: 'Closed sockets, by close code', labels: ['code'] },
  server_closes: { help: 'Sockets that the server closed, by reason', labels: ['reason'] },
  limited: { help: 'Presences not counted and sockets not read for a second, by limit', labels: ['limit'] },
  http_refused: { help: 'HTTP requests and streams refused or cut off, by error code', labels: ['code'] },
  long_polls: { help: 'Answers to the requests of pollers, by the status in their body', labels: ['status'] },
  long_polls_relayed: { help: 'Requests of pollers passed on to the replica that has their session' },
  commits: { help: 'Commits that the engine accepted' },
  commits_lost: { help: 'Commits after which the engine had lost this replica' },
  commits_failed: { help: 'Commits that did not reach the engine' },
  webhooks: { help: 'Requests of webhooks, by outcome: delivered, failed, dropped for a sync', labels: ['outcome'] },
})

/** Values that are read when the metrics are requested. */
export const gauges = tableOf<MetricDefinition>()({
  sockets: { help: 'Open sockets' },
  pollers: { help: 'Open sockets that use long polling' },
  channels: { help: 'Open channels: one socket, or counted stream, in one topic' },
  observers: { help: 'Open channels that asked to observe, and are not counted' },
  presences: { help: 'Presences that this process counts, by topic pattern and group', labels: ['pattern', 'group'] },
  topics: { help: 'Topics watched by this replica' },
  streams: { help: 'Open Server-Sent Events streams' },
  ready: { help: '1 if the server may get new sockets, else 0', aggregator: 'min' },
  lease_seconds: { help: 'The setting lease, in seconds', aggregator: 'max' },
  lease_age_seconds: { help: 'Seconds since the newest commit that the engine accepted', aggregator: 'max' },
  staleness_seconds: { help: 'How old counts are: the newest measurement of the canary', aggregator: 'max' },
  webhook_delay_seconds: { help: 'How long the slowest webhook has been failing, in seconds', aggregator: 'max' },
  webhook_queue: { help: 'Changes of topics that the slowest webhook has not accepted', aggregator: 'max' },
  build_info: { help: '1, with the version of the server', labels: ['version'], aggregator: 'first' },
})

/** Up to a second: for work in turns of the event loop. */
const short = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
/** Up to ten seconds: for waits for flush intervals or another process. */
const long = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** In seconds. Each is observed once for a broadcast, a commit or a second, never for a socket. */
export const durations = tableOf<MetricDefinition & { readonly buckets: number[] }>()({
  flush: { help: 'Seconds from the start of a broadcast to its end', buckets: short },
  flush_late: { help: 'Seconds from the time at which a broadcast was due to its start', buckets: short },
  visible: {
    help: 'Seconds from a join to the end of the broadcast that shows it',
    labels: ['pattern'],
    buckets: long,
  },
  commit: { help: 'Seconds from a commit to its acceptance by the engine', buckets: long },
  publish: { help: 'Seconds from a commit to the arrival of its message from Redis', buckets: long },
  freshness: { help: 'Seconds from a join or leave of the canary until it is sent the count', buckets: long },
  event_loop_lag: { help: 'Seconds by which a timer of one second was late, while sockets are open', buckets: long },
})

/** The name of a counter. */
export type CounterName = keyof typeof counters
/** The name of a value that is read when the metrics are requested. */
export type GaugeName = keyof typeof gauges
/** The name of a histogram of durations. */
export type DurationName = keyof typeof durations

/** One value of a gauge with labels. */
export interface Sample {
  /** The values of the labels, in the order of the list of metrics. */
  readonly labels: readonly string[]
  readonly value: number
}

/** The metrics of one server. No label holds a topic, a user's id, a token or a client id. */
export interface Metrics {
  /** Adds `by`, 1 by default. `label` only if the counter has one. */
  count(name: CounterName, by?: number, label?: string): void
  /** Registers the reader of a gauge, and replaces an earlier one. A gauge without a reader is omitted. */
  gauge(name: GaugeName, read: () => number | readonly Sample[]): void
  /** Adds one duration, in seconds. `label` only if the histogram has one: a pattern of the settings. */
  observe(name: DurationName, seconds: number, label?: string): void
  /** The values of a counter, by its label; under the empty text if it has none. */
  read?(name: CounterName): ReadonlyMap<string, number>
  /** All metrics in the Prometheus text format. */
  text(): Promise<string>
  readonly contentType: string
}

export const noMetrics: Metrics = {
  count: () => {},
  gauge: () => {},
  observe: () => {},
  text: async () => '',
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
}

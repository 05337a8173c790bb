/**
 * Counters. Those "by …" take a label: a short constant, such as a reason or an error code, never a text from a client.
 * docs/METRICS.md has the list with help texts.
 */
export type CounterName =
  | 'joins'
  | 'leaves'
  /** By the reason in the reply: `unmatched topic`, `unauthorized`. */
  | 'refused'
  /** By error code. */
  | 'refused_upgrades'
  | 'frames_sent'
  | 'bytes_sent'
  | 'flushes'
  | 'diffs'
  | 'states'
  /** Diffs skipped because the socket was too slow. */
  | 'slow_skips'
  /** By reason. */
  | 'invalid_tokens'
  /** Operator keys, by reason. */
  | 'invalid_keys'
  /** By close code. */
  | 'closes'
  /** By reason. */
  | 'server_closes'
  /** By limit. */
  | 'limited'
  /** By error code. */
  | 'http_refused'
  /** By the status in the answer. */
  | 'long_polls'
  | 'long_polls_relayed'
  | 'commits'
  /** Commits after which the engine had lost this replica. */
  | 'commits_lost'
  | 'commits_failed'
  /** By outcome: `delivered`, `failed`, `dropped`. */
  | 'webhooks'

/** Values that are read when the metrics are requested. */
export type GaugeName =
  | 'sockets'
  | 'pollers'
  | 'channels'
  | 'observers'
  | 'presences'
  | 'topics'
  | 'streams'
  | 'ready'
  | 'lease_seconds'
  | 'lease_age_seconds'
  | 'staleness_seconds'
  | 'webhook_delay_seconds'
  | 'webhook_queue'
  | 'build_info'

/** Durations, in seconds. Each is observed once for a broadcast, a commit or a second, never for a socket. */
export type DurationName = 'flush' | 'flush_late' | 'visible' | 'commit' | 'publish' | 'freshness' | 'event_loop_lag'

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
  /** What a counter has counted, by its label; under the empty text where it takes none. */
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

import type { CounterName, DurationName, GaugeName } from '@headcount/core'

interface Definition {
  readonly help: string
  /** The name of a counter's label. */
  readonly label?: string
  /** How the values of several processes are merged. Default: by adding them. */
  readonly aggregator?: 'min'
}

/** All metrics. docs/METRICS.md has the same list. */
export const counters: { readonly [name in CounterName]: Definition } = {
  joins: { help: 'Channels that joined a topic and are counted' },
  leaves: { help: 'Counted channels that left their topic' },
  refused: { help: 'Replies with an error, by reason', label: 'reason' },
  refused_upgrades: { help: 'Refused upgrade requests, by error code', label: 'code' },
  frames_sent: { help: 'Frames sent to sockets' },
  bytes_sent: { help: 'Bytes of frames sent to sockets' },
  flushes: { help: 'Broadcasts of the changed counts of a topic' },
  diffs: { help: 'Diffs sent, per channel' },
  states: { help: 'States sent, per channel' },
  slow_skips: { help: 'Diffs skipped because the socket was too slow' },
  invalid_tokens: { help: 'Rejected tokens, by reason', label: 'reason' },
  closes: { help: 'Closed sockets, by close code', label: 'code' },
  server_closes: { help: 'Sockets that the server closed, by reason', label: 'reason' },
  limited: { help: 'Presences not counted and sockets not read for a second, by limit', label: 'limit' },
  http_refused: { help: 'HTTP requests and streams refused or cut off, by error code', label: 'code' },
  commits: { help: 'Commits that the engine accepted' },
  commits_lost: { help: 'Commits after which the engine had lost this replica' },
  commits_failed: { help: 'Commits that did not reach the engine' },
}

export const gauges: { readonly [name in GaugeName]: Definition } = {
  sockets: { help: 'Open sockets' },
  channels: { help: 'Open channels: one socket, or counted stream, in one topic' },
  topics: { help: 'Topics watched by this replica' },
  streams: { help: 'Open Server-Sent Events streams' },
  ready: { help: '1 if the server may get new sockets, else 0', aggregator: 'min' },
}

export const durations: { readonly [name in DurationName]: Definition & { readonly buckets: number[] } } = {
  flush: {
    help: 'Seconds from the start of a broadcast to its end',
    buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  },
}

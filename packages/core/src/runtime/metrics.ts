/**
 * What is counted, each for good. The ones that say "by …" take a label: a short word from the code (a reason, an
 * error code, a close code), never anything that came from a client.
 */
export type CounterName =
  | 'joins'
  | 'leaves'
  /** By reason, as the client is told it: `unmatched topic`, `unauthorized`, `too many channels joined`. */
  | 'refused'
  | 'frames_sent'
  | 'bytes_sent'
  /** Times a topic's moved counts were told to its subscribers. */
  | 'flushes'
  /** Diffs and states, each once a socket. */
  | 'diffs'
  | 'states'
  /** Times a slow socket was passed over and left to a fresh state. */
  | 'slow_skips'
  /** By reason. */
  | 'invalid_tokens'
  /** By the code of the ProtocolError. */
  | 'bad_frames'
  /** By WebSocket close code. */
  | 'closes'
  /** The engine kept what it was told. */
  | 'commits'
  /** The engine held nothing of this replica, which says everything anew. */
  | 'commits_lost'
  /** The engine could not be told. */
  | 'commits_failed'

/** What is measured at the moment it is asked for. */
export type GaugeName = 'sockets' | 'channels' | 'topics' | 'streams' | 'ready'

/** What is measured in seconds. */
export type DurationName = 'flush'

/**
 * Where the server counts itself. No label ever holds a topic, a user's id, a token or a client id: whoever counts
 * gives words of its own.
 */
export interface Metrics {
  /** Adds `by`, 1 unless given. `label` only where the counter takes one. */
  count(name: CounterName, by?: number, label?: string): void
  /** From now on `read` says the value; a gauge that nobody reads is not there. The newest reader of a name wins. */
  gauge(name: GaugeName, read: () => number): void
  /** Adds one duration, in seconds. */
  observe(name: DurationName, seconds: number): void
  /** Everything, in the Prometheus text format. */
  text(): Promise<string>
  /** The content type of `text`. */
  readonly contentType: string
}

/** Counts nothing. */
export const noMetrics: Metrics = {
  count: () => {},
  gauge: () => {},
  observe: () => {},
  text: async () => '',
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
}

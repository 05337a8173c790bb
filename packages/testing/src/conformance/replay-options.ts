export interface ReplayOptions {
  /** The servers, `http://host:port`, of one cluster. Connections are spread over them. */
  readonly urls: readonly string[]
  /** Replaces the recorded `my_channel`. No other clients may join it. */
  readonly topic?: string
  /** Returns a token for the user that the recording names with a `user_id` param. */
  tokenOf(user: string): string
  /** How long, in ms, to wait for expected frames: 10,000 by default. */
  readonly within?: number
}

/** A difference between the server and the recording. */
export interface Difference {
  /** The line of the recording, counted from 1 after the title. */
  readonly line: number
  readonly conn: string
  readonly expected: string
  readonly got: string
}

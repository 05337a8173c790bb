/** Limits of the HTTP routes. */
export interface HttpLimits {
  /** Streams that may be open at a time. */
  readonly streams: number
  /** A connection that has taken no byte of a response for so many ms is closed. */
  readonly stallTimeout: number
}

export const defaultHttpLimits: HttpLimits = { streams: 5_000, stallTimeout: 30_000 }

/** Limits of the HTTP routes. */
export interface HttpLimits {
  /** Maximum number of open streams. */
  readonly streams: number
  /** How long, in ms, a client may read nothing of a response before its connection is closed. */
  readonly stallTimeout: number
}

export const defaultHttpLimits: HttpLimits = { streams: 5_000, stallTimeout: 30_000 }

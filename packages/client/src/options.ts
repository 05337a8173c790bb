import { ClientError } from './error.js'

/** A token, or what fetches one: asked anew each time the client connects, null where nobody is signed in. */
export type TokenSource = string | (() => string | null | Promise<string | null>)

/** What goes on to phoenix's own `Socket` as it is. */
export interface SocketOptions {
  /** A WebSocket class: the global one unless given. */
  readonly transport?: new (
    url: string,
    protocols?: string | string[],
  ) => object
  /** More params for the server to see. */
  readonly params?: object | (() => object)
  /** How long a join may take, in ms. */
  readonly timeout?: number
  readonly heartbeatIntervalMs?: number
  readonly reconnectAfterMs?: (tries: number) => number
  readonly rejoinAfterMs?: (tries: number) => number
  readonly longPollFallbackMs?: number
  readonly longpollerTimeout?: number
  readonly sessionStorage?: object
  readonly vsn?: string
  readonly debug?: boolean
  readonly logger?: (kind: string, message: string, data: unknown) => void
}

export interface ClientOptions {
  /** Where the server's socket is: `wss://host/socket`, or in a browser `/socket`. */
  readonly url: string
  /** Who is signed in. Nobody, a viewer, unless given. */
  readonly token?: TokenSource | null | undefined
  /**
   * At most 64 characters that say which viewers are one and the same where people are counted; false: none. Unless
   * given it is a random id kept in this browser.
   */
  readonly clientId?: string | false | undefined
  readonly socket?: SocketOptions | undefined
  /** How long a topic is held after its last subscriber has gone, in ms. 500 unless given. */
  readonly linger?: number | undefined
  /** A number in [0, 1) for the jitter of reconnecting. `Math.random` unless given. */
  readonly random?: (() => number) | undefined
}

/** @throws {ClientError} `bad_option` where the client could never work. */
export function checkOptions({ url, clientId, linger }: ClientOptions): void {
  if (typeof url !== 'string' || !/^(\/|wss?:|https?:)/.test(url))
    throw bad('url as "wss://host/socket" or "/socket"', url)
  if (typeof clientId === 'string' && (clientId.length < 1 || clientId.length > 64))
    throw bad('clientId of 1 to 64 characters', clientId.length)
  if (linger !== undefined && !(linger >= 0)) throw bad('linger in ms, 0 or more', linger)
}

function bad(expected: string, got: unknown): ClientError {
  return new ClientError('bad_option', `expected ${expected}, got ${JSON.stringify(got)}`)
}

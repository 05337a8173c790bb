import type { DefaultGroup, Group } from '@headcount/protocol'
import { ClientError } from './error.js'

/** A token, or a function that fetches one. The client calls it before each connect; null means anonymous. */
export type TokenSource = string | (() => string | null | Promise<string | null>)

/** Options that are passed to the `Socket` of `phoenix` unchanged. */
export interface SocketOptions {
  /** A WebSocket class. Default: the global one. */
  readonly transport?: new (
    url: string,
    protocols?: string | string[],
  ) => object
  /** Additional params of the connection. */
  readonly params?: object | (() => object)
  /** Timeout of a join, in ms. */
  readonly timeout?: number
  readonly heartbeatIntervalMs?: number
  readonly reconnectAfterMs?: (tries: number) => number
  readonly rejoinAfterMs?: (tries: number) => number
  readonly vsn?: string
  readonly debug?: boolean
  readonly logger?: (kind: string, message: string, data: unknown) => void
}

export interface ClientOptions<G extends Group = DefaultGroup> {
  /** The server's socket: `wss://host/socket`, or `/socket` in a page of the same host. */
  readonly url: string
  /** Identifies the user. Default: none, the client is a viewer. */
  readonly token?: TokenSource | null | undefined
  /**
   * At most 64 characters that identify a viewer in topics that count people; false sends none, and each connection
   * is a person. Default: a random id kept in this browser.
   */
  readonly clientId?: string | false | undefined
  /** The groups of a server that does not use the default ones. Default: `users` and `viewers`. */
  readonly groups?: readonly G[] | undefined
  readonly socket?: SocketOptions | undefined
  /** Delay in ms between the last unsubscribe from a topic and leaving it. Default: 500. */
  readonly linger?: number | undefined
  /** Returns a number in [0, 1), for the jitter of reconnects. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** @throws {ClientError} `bad_option` */
export function checkOptions({ url, clientId, linger }: ClientOptions<Group>): void {
  if (typeof url !== 'string' || !/^(\/|wss?:|https?:)/.test(url))
    throw badOption('url as "wss://host/socket" or "/socket"', url)
  if (typeof clientId === 'string' && (clientId.length < 1 || clientId.length > 64))
    throw badOption('clientId of 1 to 64 characters', clientId.length)
  if (linger !== undefined && !(linger >= 0)) throw badOption('linger in ms, 0 or more', linger)
}

/**
 * Checked when the client connects: a page that is rendered on a server creates one and never does.
 * @throws {ClientError} `bad_option`
 */
export function checkWorld({ url, socket }: ClientOptions<Group>): void {
  if (socket?.transport === undefined && typeof WebSocket === 'undefined')
    throw badOption('socket.transport, such as the WebSocket class of the package ws', undefined)
  if (url.startsWith('/') && typeof location === 'undefined')
    throw badOption('url as "wss://host/socket" outside of a page', url)
}

/** @throws {ClientError} `bad_option` */
export function checkTopic(name: unknown): void {
  if (typeof name !== 'string' || name === '') throw badOption('the name of a topic', name)
}

function badOption(expected: string, got: unknown): ClientError {
  return new ClientError('bad_option', `expected ${expected}, got ${JSON.stringify(got)}`)
}

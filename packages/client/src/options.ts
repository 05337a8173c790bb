import type { Group } from '@headcount/protocol'
import type { IdStorage } from './client-id.js'
import { ClientError } from './error.js'
import type { CountRule, PageOptions } from './page.js'
import type { TokenSource } from './token.js'

export interface SocketOptions {
  /** A WebSocket class. Default: the global one. */
  readonly transport?: (new (url: string, protocols?: string | string[]) => object) | undefined
  /** Additional params of the connection. They are in its URL, which servers log. */
  readonly params?: object | (() => object) | undefined
  /** Timeout, in ms, of a token, a connection, a reply or the state of a join. Default: 10,000. */
  readonly timeout?: number | undefined
  /** Time, in ms, without a message of the server after which a heartbeat is sent. Default: 24,000. */
  readonly heartbeatIntervalMs?: number | undefined
}

/** Which pages and tabs a topic counts. The options of a topic override those of its client. */
export interface CountOptions {
  /**
   * `open`: an open page counts. `visible`: a page counts from when it is first visible until it has been hidden for
   * `hiddenAfter` ms. Otherwise it receives the counts without being counted. Default: `open`.
   */
  readonly count?: CountRule | undefined
  /**
   * `each` tab of a browser counts, or only `one`: when it closes, the next one takes over. Tabs agree by the Web Locks
   * API; without it each counts. Default: `each`.
   */
  readonly tabs?: 'each' | 'one' | undefined
}

export interface TopicOptions extends CountOptions {
  /** Receives the counts without being counted. */
  readonly observe?: boolean | undefined
}

export interface ClientOptions<G extends Group = Group> extends CountOptions, PageOptions {
  /** The server's socket: `wss://host/socket`, or `/socket` in a page of the same host. */
  readonly url: string
  /** Identifies the user. Default: none, the client is a viewer. */
  readonly token?: TokenSource | null | undefined
  /**
   * Identifies a viewer in topics that count people. `session` and `browser` store a random id for this tab, or for all
   * tabs of this browser. The first connection of a day and one after signing out have a new one. Any other text of at
   * most 64 characters is used as it is. Default: none, nothing is stored or sent, and each connection is a person.
   */
  readonly clientId?: IdStorage | (string & {}) | undefined
  /** Stores and sends no client id if the browser's Global Privacy Control is on. Default: false. */
  readonly globalPrivacyControl?: boolean | undefined
  /** The groups of a server that does not use the default ones. Default: `users` and `viewers`. */
  readonly groups?: readonly G[] | undefined
  readonly socket?: SocketOptions | undefined
  /** Delay in ms between the last unsubscribe from a topic and leaving it. Default: 500. */
  readonly linger?: number | undefined
  /** Returns a number in [0, 1), for the jitter of reconnects. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** The form of each option, as errors show it: a regular expression, except that `*` is any text. */
const patterns: Readonly<Record<string, string>> = {
  url: '/*|ws:*|wss:*|http:*|https:*',
  clientId: '.{1,64}',
  linger: '[0-9.]+',
  hiddenAfter: '[0-9.]+',
  count: 'open|visible',
  tabs: 'each|one',
  topic: '.+',
}

/**
 * Checks those options that are given.
 * @throws {ClientError} `bad_option`
 */
export function check(options: { readonly [name: string]: unknown }): void {
  for (const name of Object.keys(patterns)) {
    const value = options[name]
    const expected = patterns[name]!
    if (value !== undefined && !RegExp(`^(${expected.replace(/\*/g, '.*')})$`, 's').test(value as string))
      throw new ClientError('bad_option', `${name}: expected ${expected}, got ${JSON.stringify(value)}`)
  }
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Topic, TrackOptions } from '@headcount/core'
import type { Counts, DefaultGroup, Group } from '@headcount/protocol'
import type { DrainOptions } from './drain.js'
import type { ReloadOptions } from './options.js'

/** A server's own view of its topics. */
export interface Presences<G extends Group = DefaultGroup> {
  /**
   * Adds a presence without a socket, or moves the one with the same key in the topic.
   * @throws {HeadcountError} `unmatched_topic`, `unknown_group`.
   */
  track(topic: Topic, key: string, options?: TrackOptions): void
  /** Removes a presence that `track` added. A no-op if there is none with that key. */
  untrack(topic: Topic, key: string): void
  /**
   * The counts of a topic, including presences tracked before the call. An unknown topic is zeros.
   * @throws the engine's error if it is unreachable.
   */
  counts(topic: Topic): Promise<Counts<G>>
  /**
   * Calls `listener` at every flush of a topic that has subscribers (sockets and streams) in this process, and for the
   * final zero after the last one has left. Returns a function that removes the listener.
   */
  on(event: 'counts', listener: (topic: Topic, counts: Counts<G>) => void): () => void
}

/** Of HTTP/1 and HTTP/2. */
type Request1or2 = IncomingMessage | Http2ServerRequest
type Response1or2 = ServerResponse | Http2ServerResponse

export interface Headcount<G extends Group = DefaultGroup> extends Presences<G> {
  /** How many sockets are open. */
  readonly sockets: number
  /** Resolves once the engine is open. Rejects if it cannot be opened. */
  readonly ready: Promise<void>
  /**
   * Handles WebSockets at `/socket/websocket` of a server: of HTTP/1, or of HTTP/2 with `allowHTTP1`. Returns a
   * function that detaches it.
   */
  attach(server: Server | Http2SecureServer): () => void
  /** Serves the HTTP routes, but not long polls, to a server that speaks web standards. */
  fetch(request: Request): Response | Promise<Response>
  /**
   * Serves the HTTP routes and long polls to Node or Express. Calls `next`, if given, for a request to any other path,
   * and for a badge of a topic that has none.
   */
  handle(request: Request1or2, response: Response1or2, next?: () => void): void
  readonly operator: Operator
  /**
   * Replaces `auth` and `origins`; an omitted one stays. No socket is closed, and the access of an open one lasts until
   * its token expires. The keys of a JWKS are fetched again.
   * @throws {HeadcountError} `bad_option` if one is invalid. Nothing changes then.
   */
  reload(options: ReloadOptions): void
  /**
   * Closes every socket with 1012, ends every stream, and removes this replica from the cluster: at once by default. A
   * second call completes the first one at once.
   */
  close(options?: DrainOptions): Promise<void>
}

/** The routes for operators, such as `/metrics`, and those of health. */
export interface Operator {
  /** The bearer token that all but health require on the main server: the option `operatorKey`, or a random one. */
  readonly key: string
  /**
   * Serves the routes without a key, for a port that only operators can reach: to addresses and internal names. A
   * request to a public name needs the key, because a page of that name could read here by DNS rebinding.
   */
  handle(request: Request1or2, response: Response1or2): void
}

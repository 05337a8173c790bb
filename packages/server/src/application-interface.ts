import type { IncomingMessage, Server, ServerResponse } from 'node:http'
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
  /** Removes a presence that `track` added. A no-op where there is none with that key. */
  untrack(topic: Topic, key: string): void
  /**
   * The counts of a topic, including what was tracked before the call. An unknown topic is zeros.
   * @throws what the engine throws where it cannot be reached.
   */
  counts(topic: Topic): Promise<Counts<G>>
  /**
   * Calls `listener` at every flush of a topic that has subscribers in this process, which are sockets and streams,
   * and for the zero after the last of them has left. Returns a function that removes the listener.
   */
  on(event: 'counts', listener: (topic: Topic, counts: Counts<G>) => void): () => void
}

export interface Headcount<G extends Group = DefaultGroup> extends Presences<G> {
  /** How many sockets are open. */
  readonly sockets: number
  /** Resolves once the engine is open. Rejects where it cannot be opened. */
  readonly ready: Promise<void>
  /** Takes WebSockets at `/socket/websocket` from a server. Returns a function that undoes it. */
  attach(server: Server): () => void
  /** Serves the HTTP routes, but not long polls, to a server that speaks web standards. */
  fetch(request: Request): Response | Promise<Response>
  /**
   * Serves the HTTP routes and long polls to Node or Express. Calls `next`, if given, for a request to any other path,
   * and for a badge of a topic that has none.
   */
  handle(request: IncomingMessage, response: ServerResponse, next?: () => void): void
  readonly operator: Operator
  /**
   * Replaces `auth` and `origins`; one that is left out stays. No socket is closed, and what an open one may do lasts
   * until its token expires. The keys of a JWKS are fetched anew.
   * @throws {HeadcountError} `bad_option` where one is invalid. Nothing changes then.
   */
  reload(options: ReloadOptions): void
  /**
   * Closes every socket with 1012, ends every stream, and removes this replica from the cluster: at once, unless
   * options say otherwise. A second call makes the first one hurry.
   */
  close(options?: DrainOptions): Promise<void>
}

/** The routes for operators, such as `/metrics`, and those of health. */
export interface Operator {
  /** What all but health require as a bearer token on the main server: the option `operatorKey`, or a random one. */
  readonly key: string
  /**
   * Serves the routes without a key, for a port that only operators can reach: to addresses and internal names. A name
   * that anyone may have registered needs the key, because a page of that name could be made to read here.
   */
  handle(request: IncomingMessage, response: ServerResponse): void
}

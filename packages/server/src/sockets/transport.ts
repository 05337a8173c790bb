/** One open connection to a client, as a socket needs it. What it carries are texts: framing is the transport's own. */
export interface Transport {
  /** Sends texts, each as a message, in one write. Does nothing once the connection has ended. */
  send(texts: readonly string[]): void
  /** Bytes that were sent and have not left this process yet. */
  readonly backlog: number
  /** Calls `callback` once, when all that was sent has left this process. */
  onceDrained(callback: () => void): void
  /** Asks the client for a sign of life. */
  ping(): void
  /** Delivers no message until `resume`, not even those that have arrived already. */
  pause(): void
  resume(): void
  /** Closes the connection. A reason that does not fit is cut. */
  close(code: number, reason: string): void
}

/** Receives what happens on a connection. */
export interface TransportCallbacks {
  /** Bytes arrived, a whole frame or not: a sign of life. Called before what they hold is read. */
  received(bytes: number): void
  /** A frame of any kind was read. Called before `message`. */
  frame(): void
  message(data: string | Uint8Array): void
  /**
   * The connection has ended: the client closed it, broke a rule or a limit, or was lost; or `close` was called, and
   * now the stream has closed. Only the first call counts: it may be followed by others. Texts that are sent during a
   * first call with another code than 1006 go out before the close frame.
   * @param code the close code, as in WebSocket: 1005 for none, 1006 once the stream has closed.
   */
  closed(code: number): void
}

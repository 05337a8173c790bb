/** The part of an open connection that a socket uses. It sends texts; the transport frames them. */
export interface Transport {
  /** Sends texts, each as a message, in one write. Does nothing once the connection has ended. */
  send(texts: readonly string[]): void
  /** Bytes that were sent and have not yet left this process. */
  readonly backlog: number
  /** Calls `callback` once, when all of the backlog has left this process. There must be one. */
  onceDrained(callback: () => void): void
  ping(): void
  /** Delivers no message until `resume`, not even one that has arrived already. */
  pause(): void
  resume(): void
  /** Closes the connection. A reason that is too long is truncated. */
  close(code: number, reason: string): void
}

/** Receives the events of a connection. */
export interface TransportCallbacks {
  /** Bytes arrived, not necessarily a whole frame. Called before they are parsed. */
  received(bytes: number): void
  /** A frame of any kind was read. Called before `message`. */
  frame(): void
  message(data: string | Uint8Array): void
  /**
   * The connection has ended: the client closed it, broke a rule or a limit, or was lost; or `close` was called, and
   * now the stream has closed. Only the first call counts: it may be followed by others. Texts that are sent during a
   * first call with another code than 1006 precede the close frame.
   * @param code the close code, as in WebSocket: 1005 for none, 1006 once the stream has closed.
   */
  closed(code: number): void
}

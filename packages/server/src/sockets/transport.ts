/**
 * The seam to the transport: one open WebSocket, as much of it as a socket needs. Frames are given ready to be
 * written.
 */
export interface Wire {
  write(frames: Buffer): void
  /** Bytes that were written and have not left this process. */
  readonly backlog: number
  /** Calls `act` once, when the backlog has left. */
  drained(act: () => void): void
  /** Gives the socket no more frames until it is asked to, not even those that have been read already. */
  pause(): void
  resume(): void
  /** Says goodbye and ends. `reason` is cut where a close frame has no room for more. */
  close(code: number, reason: string): void
}

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
  /** Reads no more until it is asked to. */
  pause(): void
  resume(): void
  /** Says goodbye and ends; a peer that does not answer is cut off. `reason` is cut at 123 bytes. */
  close(code: number, reason: string): void
}

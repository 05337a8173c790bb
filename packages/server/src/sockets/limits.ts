/** Limits of one socket. */
export interface Limits {
  /** Topics that a socket may have joined at a time. */
  readonly topicsPerSocket: number
  /** A socket from which no byte has come for so many ms is sent a ping. */
  readonly pingAfter: number
  /** A socket from which no byte has come for so many ms after a ping is closed with 1002. */
  readonly pongTimeout: number
  /** Longest message, in bytes; a longer one closes the socket with 1009. */
  readonly frameBytes: number
  /** Longest topic, in bytes of UTF-8. */
  readonly topicBytes: number
  /**
   * A socket with more bytes than this still to be sent skips diffs, and is sent a state once they have left. Until
   * then nothing more is read from it.
   */
  readonly backlogBytes: number
  /** While more bytes than this wait to be sent in all, the sockets with the most of them are closed with 1008. */
  readonly totalBacklogBytes: number
  /** Frames per second that a socket may send before reading pauses until the next second. */
  readonly messagesPerSecond: number
  /** Bytes per second that a socket may send before reading pauses until the next second. */
  readonly bytesPerSecond: number
}

export const defaultLimits: Limits = {
  topicsPerSocket: 100,
  pingAfter: 25_000,
  pongTimeout: 10_000,
  frameBytes: 8192,
  topicBytes: 255,
  backlogBytes: 65_536,
  totalBacklogBytes: 128 * 1_048_576,
  messagesPerSecond: 300,
  bytesPerSecond: 32_768,
}

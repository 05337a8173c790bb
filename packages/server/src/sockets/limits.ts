/** Limits of one socket. */
export interface Limits {
  /** Topics that a socket may have joined at a time. */
  readonly topicsPerSocket: number
  /** A socket that has sent nothing for so many ms is closed with 1002. */
  readonly heartbeat: number
  /** Longest message, in bytes; a longer one closes the socket with 1009. */
  readonly frameBytes: number
  /** Longest topic, in bytes of UTF-8. */
  readonly topicBytes: number
  /** A socket with more bytes than this still to be sent skips diffs, and is sent a state once they have left. */
  readonly backlogBytes: number
  /** Frames per second that a socket may send before reading pauses. Each KiB that a frame begins counts as one. */
  readonly messagesPerSecond: number
}

export const defaultLimits: Limits = {
  topicsPerSocket: 100,
  heartbeat: 60_000,
  frameBytes: 65_536,
  topicBytes: 255,
  backlogBytes: 65_536,
  messagesPerSecond: 1000,
}

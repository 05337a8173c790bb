/** What one socket may cost. */
export interface Limits {
  /** Topics that a socket may have joined at a time. */
  readonly topicsPerSocket: number
  /** A socket that has sent nothing for so many ms is closed with 1002. */
  readonly heartbeat: number
  /** Largest frame that is taken, in bytes; a larger one closes the socket with 1009. */
  readonly frameBytes: number
  /** Longest name of a topic, in bytes of UTF-8. */
  readonly topicBytes: number
  /** A socket with more bytes than this still to be sent skips diffs and is given the state later. */
  readonly backlogBytes: number
  /** A socket that sends more frames a second than this is read no faster; of a large frame each begun KiB counts as one. */
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

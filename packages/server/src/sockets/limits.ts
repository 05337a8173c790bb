/** Limits of one socket, one user, one address and the process. */
export interface Limits {
  /** Open sockets of the process. Further ones are refused with 503. */
  readonly sockets: number
  /** Upgrade requests per second of the process. Further ones are refused with 503. */
  readonly handshakesPerSecond: number
  /** Joined channels of the process. Further joins are refused with `overloaded`. */
  readonly channels: number
  /**
   * Share of the memory, from 0 to 1, beyond which new sockets, joins and streams are refused. Reads of counts, badges
   * and histories are refused at nine tenths of it.
   */
  readonly memoryShare: number
  /** How late, in ms, the event loop may be before new sockets, joins and streams are refused. */
  readonly lag: number
  /** Open sockets and counted streams of one network address (an IPv6 /64); 0 for no limit. Others get a 429. */
  readonly socketsPerAddress: number
  /** Presences of one network address in one topic; 0 for no limit. Further channels observe until one leaves. */
  readonly presencesPerAddress: number
  /** Presences of one signed-in user in one topic; 0 for no limit. Further channels observe until one leaves. */
  readonly presencesPerUser: number
  /** Maximum number of joined topics of a socket. */
  readonly topicsPerSocket: number
  /** Topics of the cluster with a history. Beyond it, one that has not changed for long is deleted. */
  readonly historyTopics: number
  /** How long, in ms, a socket may be silent before it is sent a ping. */
  readonly pingAfter: number
  /** How long, in ms, a socket may be silent after a ping before it is closed with 1002. */
  readonly pongTimeout: number
  /** How long, in ms, a long poll waits before it is answered without messages. */
  readonly pollWindow: number
  /**
   * How long, in ms, a poller counts after its connection was lost during a poll; after an answered poll, `pollWindow`
   * is added.
   */
  readonly pollMargin: number
  /** Maximum pollers without a pending poll. Beyond it, those without one for longest, and for 2 s, are closed. */
  readonly idlePollers: number
  /** Longest message, in bytes; a longer one closes the socket with 1009. */
  readonly frameBytes: number
  /** Longest topic, in bytes of UTF-8. */
  readonly topicBytes: number
  /**
   * A socket with more unsent bytes than this skips diffs, and is sent a state once they have drained. Until then
   * nothing is read from it.
   */
  readonly backlogBytes: number
  /** While there are more unsent bytes than this in all, the sockets with the most are closed with 1008. */
  readonly totalBacklogBytes: number
  /** Frames per second that a socket may send before reading pauses until the next second. */
  readonly messagesPerSecond: number
  /** Bytes per second that a socket may send before reading pauses until the next second. */
  readonly bytesPerSecond: number
  /** Joins, and channels that its sign-ins move, per second of a socket before reading pauses until the next second. */
  readonly joinsPerSecond: number
  /** Tokens per second on an open socket, valid or not, before reading pauses until the next second. */
  readonly tokensPerSecond: number
}

export const defaultLimits: Limits = {
  sockets: 100_000,
  handshakesPerSecond: 10_000,
  channels: 1_000_000,
  memoryShare: 0.9,
  lag: 2000,
  socketsPerAddress: 0,
  presencesPerAddress: 0,
  presencesPerUser: 100,
  topicsPerSocket: 100,
  historyTopics: 1_000,
  pingAfter: 25_000,
  pongTimeout: 10_000,
  pollWindow: 10_000,
  pollMargin: 5_000,
  idlePollers: 10_000,
  frameBytes: 8192,
  topicBytes: 255,
  backlogBytes: 65_536,
  totalBacklogBytes: 128 * 1_048_576,
  messagesPerSecond: 300,
  bytesPerSecond: 32_768,
  joinsPerSecond: 200,
  tokensPerSecond: 10,
}

/** A socket with more unsent bytes than this is closed. */
export const maxBacklogOf = ({ backlogBytes }: Limits): number => 4 * backlogBytes

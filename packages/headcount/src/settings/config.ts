import type { TopicRuleOption, Unit } from '@headcount/core'
import type { LogLevel } from '../log.js'

/**
 * What `headcount.config.ts`, `.js` or `.json` may hold. Everything is optional; flags and the environment win over it.
 *
 * ```ts
 * import type { HeadcountConfig } from '../log.js'
 * export default { topics: ['video:*'], unit: 'people', settle: 3000 } satisfies HeadcountConfig
 * ```
 */
export interface HeadcountConfig {
  /** 4000. 0 takes a free one. */
  port?: number
  /** 127.0.0.1. */
  host?: string
  /** None: counts are kept in memory. Several for a Redis Cluster. */
  redis?: string | readonly string[]
  /** 1. `auto`: as many as there are processors. */
  workers?: number | 'auto'
  /** The topics that may be joined, first match first: `*`. */
  topics?: string | readonly TopicRuleOption[]
  /** What is counted where a pattern does not say: `connections`. */
  unit?: Unit
  /** How long, in ms, a leave is held back where people are counted and a pattern does not say: 0. */
  settle?: number
  /**
   * The names of the groups, in the order in which they stand on the wire: the first is of the signed in, the second of
   * the anonymous, others are for `track` alone. `users`, `viewers`.
   */
  groups?: readonly string[]
  /** How long, in ms, a server that has fallen silent is still counted: 10000. */
  lease?: number
  /** Keys the hashes of people. Derived from the JWT secret where there is one, else random. */
  secret?: string
  /** The bearer token of operator routes. None: they are off. */
  operatorKey?: string
  /** The sites whose pages may connect (`https://example.com`), or `*`: the server's own host. */
  origins?: string | readonly string[]
  /** Whether the demo page is served: false. */
  demo?: boolean
  /** Where the demo's crowd joins, such as `ws://balancer:4000` in front of several servers: the server itself. */
  demoUrl?: string
  /** `info`. */
  logLevel?: LogLevel
  /** How users are told from viewers. Without a secret and a JWKS URL everyone is a viewer. */
  auth?: {
    /** Checks tokens signed with HS256, HS384 or HS512. */
    secret?: string
    /** Where the keys are published that check tokens signed with an asymmetric algorithm. */
    jwksUrl?: string
    /** The claim that holds a user's id: `sub`. */
    claim?: string
    issuer?: string
    audience?: string
    /** What an invalid token makes of its client, a viewer or nobody: `viewer`. */
    invalidToken?: 'viewer' | 'reject'
  }
  /** What one socket may cost. */
  limits?: {
    /** Topics that a socket may have joined at a time: 100. */
    topicsPerSocket?: number
    /** A socket that has sent nothing for so many ms is closed: 60000. */
    heartbeat?: number
    /** Largest frame, in bytes: 65536. */
    frameBytes?: number
    /** Longest name of a topic, in bytes of UTF-8: 255. */
    topicBytes?: number
    /** A socket with more bytes than this still to be sent skips diffs and is given the state later: 65536. */
    backlogBytes?: number
    /** A socket that sends more frames a second than this is read no faster: 1000. */
    messagesPerSecond?: number
  }
  /** How often a topic is told. */
  flush?: {
    /** Shortest time between two flushes of a busy topic, in ms: 50. */
    minimum?: number
    /** Longest, in ms: 2000. */
    maximum?: number
    /** How many frames a second one topic may cost: 4000. */
    framesPerSecond?: number
    /** How much of a process's time telling all topics together may take, from 0.01 to 1: 0.5. */
    share?: number
  }
}

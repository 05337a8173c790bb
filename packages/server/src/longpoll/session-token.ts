import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { ReplicaId } from '@headcount/core'

/** What the token of a poller's session holds. Nothing in it says whose session it is. */
export interface SessionToken {
  /** The replica that has the session. */
  readonly replica: ReplicaId
  readonly session: string
  /** Random, and known to the poller and its replica alone. 32 bytes in base64url. */
  readonly key: string
  /** How many answers with messages the poller has received. */
  readonly sequence: number
}

const prefix = 'lp1.'
const pattern = /^lp1\.([\w-]{1,64})\.([\w-]{16})\.([\w-]{43})\.(\d{1,15})$/

/**
 * The token in the answer to a poll of an unknown session. Clients older than 1.8.2 go on to poll with it, although
 * they have to join again, and are answered with an error, after which they do.
 */
export const goneToken = `${prefix}gone`

/** A new id and key of a session. */
export function newSession(): Pick<SessionToken, 'session' | 'key'> {
  return { session: randomBytes(12).toString('base64url'), key: randomBytes(32).toString('base64url') }
}

export function encodeToken({ replica, session, key, sequence }: SessionToken): string {
  return `${prefix}${replica}.${session}.${key}.${sequence}`
}

/** Undefined for a text that is no token of ours, such as one of a user. `unknown` for one that cannot be valid. */
export function decodeToken(text: string | null | undefined): SessionToken | 'unknown' | undefined {
  if (!text?.startsWith(prefix)) return undefined
  const [, replica, session, key, sequence] = pattern.exec(text) ?? []
  if (replica === undefined || session === undefined || key === undefined) return 'unknown'
  return { replica, session, key, sequence: Number(sequence) }
}

export function sameKey(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

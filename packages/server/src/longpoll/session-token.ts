import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { ReplicaId } from '@headcount/core'

/** The content of the token of a poller's session. It does not identify the user. */
export interface SessionToken {
  /** The replica that has the session. */
  readonly replica: ReplicaId
  readonly session: string
  /** Random, known only to the poller and its replica. 32 bytes in base64url. */
  readonly key: string
  /** The number of answers with messages that the poller has received. */
  readonly sequence: number
}

const prefix = 'lp1.'
const pattern = /^lp1\.([\w-]{1,64})\.([\w-]{16})\.([\w-]{43})\.(\d{1,15})$/

/**
 * The token in the answer to a poll of an unknown session. Clients older than 1.8.2 continue to poll with it, and get
 * an error, after which they join again.
 */
export const goneToken = `${prefix}gone`

export function newSession(): Pick<SessionToken, 'session' | 'key'> {
  return { session: randomBytes(12).toString('base64url'), key: randomBytes(32).toString('base64url') }
}

export function encodeToken({ replica, session, key, sequence }: SessionToken): string {
  return `${prefix}${replica}.${session}.${key}.${sequence}`
}

/** Undefined for a text that is not a session token, such as a user's token. `unknown` for an invalid one. */
export function decodeToken(text: string | null | undefined): SessionToken | 'unknown' | undefined {
  if (!text?.startsWith(prefix)) return undefined
  const [, replica, session, key, sequence] = pattern.exec(text) ?? []
  if (replica === undefined || session === undefined || key === undefined) return 'unknown'
  return { replica, session, key, sequence: Number(sequence) }
}

export function sameKey(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

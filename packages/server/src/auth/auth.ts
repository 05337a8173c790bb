import { HeadcountError } from '@headcount/core'
import { decodeProtectedHeader, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { type JwksOptions, jwksKeys } from './jwks.js'
import type { Invalid, InvalidReason, Outcome, User, Viewer } from './outcome.js'
import { reasonOf } from './reason.js'

export interface AuthOptions extends JwksOptions {
  /** Checks tokens signed with HS256, HS384 or HS512. */
  readonly secret?: string | undefined
  /** Where the keys are published that check tokens signed with an asymmetric algorithm. */
  readonly jwksUrl?: string | undefined
  /** The claim that holds the user's id: `sub` unless given. A string or a whole number. */
  readonly claim?: string | undefined
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  /** What an invalid token makes of its client: a viewer, or nobody. */
  readonly invalidToken?: 'viewer' | 'reject' | undefined
  /** The time by which tokens expire; the machine's own unless given. */
  readonly date?: () => Date
}

/** Tells users from viewers. */
export interface Auth {
  /** Whether there is anything to check a token with; where not, everyone is a viewer. */
  readonly enabled: boolean
  /** Never throws, and takes no longer than the time-out of one JWKS fetch. */
  verify(token: string | null): Promise<Outcome>
}

/** The longest token that is looked at, in bytes. */
export const maxTokenBytes = 8_192

const symmetric = ['HS256', 'HS384', 'HS512']
const asymmetric = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

const viewer: Viewer = { kind: 'viewer', user: null }

/** @throws {HeadcountError} `bad_option` where an option is not what it may be. */
export function createAuth(options: AuthOptions = {}): Auth {
  const { secret, jwksUrl, claim = 'sub', invalidToken = 'viewer' } = options
  if (secret === '') throw bad('auth.secret', 'at least one character', 'none')
  if (claim === '') throw bad('auth.claim', 'the name of a claim', 'an empty one')
  if (jwksUrl !== undefined && !/^https?:$/.test(protocolOf(jwksUrl)))
    throw bad('auth.jwksUrl', 'an http or https URL', protocolOf(jwksUrl) || 'none')
  const key = secret === undefined ? undefined : new TextEncoder().encode(secret)
  const keys = jwksUrl === undefined ? undefined : jwksKeys(jwksUrl, options)
  const invalid = (reason: InvalidReason): Invalid => ({
    kind: 'invalid',
    user: null,
    reason,
    refuse: invalidToken === 'reject',
  })

  /** The token's header picks the kind of key; the kind of key alone decides which algorithms are good. */
  const payloadOf = async (token: string): Promise<JWTPayload | InvalidReason> => {
    const alg = algorithmOf(token)
    if (alg === undefined) return 'malformed'
    const checks = {
      ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
      ...(options.audience === undefined ? {} : { audience: options.audience }),
      ...(options.date === undefined ? {} : { currentDate: options.date() }),
    }
    const shared = key !== undefined && symmetric.includes(alg)
    const published = !shared && keys !== undefined && asymmetric.includes(alg)
    try {
      if (shared) return (await jwtVerify(token, key, { ...checks, algorithms: symmetric })).payload
      if (published) return (await verifyWith(keys, token, { ...checks, algorithms: asymmetric })).payload
    } catch (error) {
      return reasonOf(error, published)
    }
    return 'algorithm'
  }

  return {
    enabled: key !== undefined || keys !== undefined,
    async verify(token) {
      if (token === null || (key === undefined && keys === undefined)) return viewer
      if (token.length > maxTokenBytes) return invalid('too_long')
      const payload = await payloadOf(token)
      if (typeof payload === 'string') return invalid(payload)
      return userOf(payload, claim) ?? invalid('claim')
    },
  }
}

function verifyWith(keys: JWTVerifyGetKey, token: string, checks: Parameters<typeof jwtVerify>[2]) {
  return jwtVerify(token, keys, checks)
}

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg
  } catch {
    return undefined
  }
}

/** A number is taken as its digits: 7 and "7" are the same user. */
function userOf(payload: JWTPayload, claim: string): User | undefined {
  const id = Object.hasOwn(payload, claim) ? payload[claim] : undefined
  if (typeof id === 'string' && id.trim() !== '') return { kind: 'user', user: id }
  return Number.isSafeInteger(id) ? { kind: 'user', user: String(id) } : undefined
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : ''
}

function bad(option: string, expected: string, got: string): HeadcountError {
  return new HeadcountError('bad_option', `${option}: expected ${expected}, got ${got}`)
}

import { HeadcountError } from '@headcount/core'
import { decodeProtectedHeader, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { type JwksOptions, jwksKeys } from './jwks.js'
import type { Invalid, InvalidReason, Outcome } from './outcome.js'
import { reasonOf } from './reason.js'

/** At least one of `secret` and `jwksUrl` is required. */
export interface AuthOptions {
  /** Verifies tokens signed with HS256, HS384 or HS512. */
  readonly secret?: string | undefined
  /** The URL of a JWKS. Its keys verify tokens signed with an asymmetric algorithm. */
  readonly jwksUrl?: string | undefined
  /** The claim that holds the user's id, as a string or an integer. Default: `sub`. */
  readonly claim?: string | undefined
  /** The required `iss`. Default: any. */
  readonly issuer?: string | undefined
  /** The required `aud`. Default: any. */
  readonly audience?: string | undefined
  /** Whether a client with an invalid token is a viewer (the default) or is refused. */
  readonly invalidToken?: 'viewer' | 'reject' | undefined
}

/** Time and network of the verification. */
export interface AuthEnvironment {
  readonly jwks?: JwksOptions
  /** The time by which tokens expire. Default: the time of this machine. */
  date?(): Date
}

/** Tells users from viewers. */
export interface Auth {
  /** Never rejects, and takes no longer than one fetch of the JWKS may take. */
  verify(token: string | null): Promise<Outcome>
}

interface Verifier {
  readonly algorithms: string[]
  readonly key: JWTVerifyGetKey
  readonly isRemote: boolean
}

/** Longest token, in bytes. */
export const maxTokenBytes = 8_192

const symmetric = ['HS256', 'HS384', 'HS512']
const asymmetric = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/**
 * @param options if absent, every client is a viewer.
 * @throws {HeadcountError} `bad_option` where an option is invalid.
 */
export function createAuth(options?: AuthOptions, environment: AuthEnvironment = {}): Auth {
  if (options === undefined) return { verify: async () => ({ kind: 'viewer', userId: null }) }
  check(options)
  const { claim = 'sub', invalidToken = 'viewer', issuer, audience } = options
  const verifiers = verifiersOf(options, environment.jwks)
  const claims = { ...(issuer === undefined ? {} : { issuer }), ...(audience === undefined ? {} : { audience }) }

  /** The token's algorithm selects the key, and that kind of key allows its own algorithms only. */
  const payloadOf = async (token: string): Promise<JWTPayload | InvalidReason> => {
    const algorithm = algorithmOf(token)
    if (algorithm === undefined) return 'malformed'
    const verifier = verifiers.find(({ algorithms }) => algorithms.includes(algorithm))
    if (verifier === undefined) return 'algorithm'
    const { key, algorithms, isRemote } = verifier
    try {
      const currentDate = environment.date?.() ?? new Date()
      return (await jwtVerify(token, key, { ...claims, algorithms, currentDate })).payload
    } catch (error) {
      return reasonOf(error, isRemote)
    }
  }
  const invalid = (reason: InvalidReason): Invalid => {
    return { kind: 'invalid', userId: null, reason, refuse: invalidToken === 'reject' }
  }

  return {
    async verify(token) {
      if (token === null) return { kind: 'viewer', userId: null }
      if (token.length > maxTokenBytes) return invalid('too_long')
      const payload = await payloadOf(token)
      if (typeof payload === 'string') return invalid(payload)
      const userId = userIdOf(payload, claim)
      return userId === undefined ? invalid('subject') : { kind: 'user', userId }
    },
  }
}

function verifiersOf({ secret, jwksUrl }: AuthOptions, jwks: JwksOptions | undefined): Verifier[] {
  const verifiers: Verifier[] = []
  if (secret !== undefined) {
    const key = new TextEncoder().encode(secret)
    verifiers.push({ algorithms: symmetric, key: () => key, isRemote: false })
  }
  if (jwksUrl !== undefined) verifiers.push({ algorithms: asymmetric, key: jwksKeys(jwksUrl, jwks), isRemote: true })
  return verifiers
}

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg
  } catch {
    return undefined
  }
}

/** An integer is the same user as its digits in a string. */
function userIdOf(payload: JWTPayload, claim: string): string | undefined {
  const id = Object.hasOwn(payload, claim) ? payload[claim] : undefined
  if (typeof id === 'string' && id.trim() !== '') return id
  return Number.isSafeInteger(id) ? String(id) : undefined
}

function check({ secret, jwksUrl, claim, invalidToken = 'viewer' }: AuthOptions): void {
  if (secret === undefined && jwksUrl === undefined) throw bad('auth', 'a secret or a jwksUrl', 'neither')
  if (secret === '') throw bad('auth.secret', 'at least one character', 'none')
  if (claim === '') throw bad('auth.claim', 'the name of a claim', 'an empty string')
  const protocol = jwksUrl !== undefined && URL.canParse(jwksUrl) ? new URL(jwksUrl).protocol : undefined
  if (jwksUrl !== undefined && protocol !== 'http:' && protocol !== 'https:')
    throw bad('auth.jwksUrl', 'an http or https URL', protocol ?? 'another string')
  if (invalidToken !== 'viewer' && invalidToken !== 'reject')
    throw bad('auth.invalidToken', '"viewer" or "reject"', JSON.stringify(invalidToken))
}

function bad(option: string, expected: string, got: string): HeadcountError {
  return new HeadcountError('bad_option', `${option}: expected ${expected}, got ${got}`)
}

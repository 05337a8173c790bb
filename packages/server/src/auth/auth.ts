import { HeadcountError } from '@headcount/core'
import type { CryptoKey, JWTHeaderParameters, JWTPayload } from 'jose'
import { type Jwks, type JwksOptions, jwksKeys } from './jwks.js'
import type { Invalid, InvalidReason, Outcome } from './outcome.js'
import { reasonOf } from './reason.js'
import { isSharedSecret } from './secret.js'

/** At least one of `secret` and `jwksUrl` is required. */
export interface AuthOptions {
  /** Verifies tokens signed with HS256, HS384 or HS512. Several, the newest first, while a secret is replaced. */
  readonly secret?: string | readonly string[] | undefined
  /** The URL of a JWKS. Its keys verify tokens signed with an asymmetric algorithm. */
  readonly jwksUrl?: string | undefined
  /** The claim that holds the user's id, as a string or an integer. Default: `sub`. */
  readonly claim?: string | undefined
  /** The required `iss`. Default: any. */
  readonly issuer?: string | undefined
  /** The required `aud`. Default: any. */
  readonly audience?: string | undefined
  /** Allowed difference, in ms, between the clocks of the issuer and of this server. Default: 5,000. */
  readonly leeway?: number | undefined
  /** The effect on an open socket 25 s after its token expired. Default: its client becomes a viewer. */
  readonly expiredToken?: 'viewer' | 'close' | undefined
  /** Whether a client with an invalid token is a viewer (the default) or is refused. */
  readonly invalidToken?: 'viewer' | 'reject' | undefined
}

/** The defaults of the options of `auth` that have one. */
export const defaultAuth = { claim: 'sub', leeway: 5_000, expiredToken: 'viewer', invalidToken: 'viewer' } as const

/** Time and network of the verification. */
export interface AuthEnvironment {
  readonly jwks?: JwksOptions
  /** The time by which tokens expire. Default: the time of this machine. */
  date?(): Date
}

/** Distinguishes users from viewers. */
export interface Auth {
  /** Never rejects, and takes no longer than one fetch of the JWKS may take. */
  verify(token: string | null): Promise<Outcome>
  /**
   * Fetches the keys of the JWKS; until then the last ones are used. Resolves with their number, 0 without a JWKS.
   * Rejects if that fails.
   */
  refetchKeys(): Promise<number>
  /**
   * A copy with other options. If the JWKS has the same URL, its keys are shared.
   * @throws {HeadcountError} `bad_option` if an option is invalid.
   */
  with(options?: AuthOptions): Auth
}

interface Verifier {
  readonly algorithms: string[]
  /** The keys that a token may have been signed with. */
  keys(header: JWTHeaderParameters): Promise<readonly (CryptoKey | Uint8Array)[]>
}

/** Largest leeway, in ms. */
const maxLeeway = 600_000

const viewer: Outcome = { kind: 'valid', userId: null }

export const maxTokenBytes = 8_192

const symmetric = ['HS256', 'HS384', 'HS512']
const asymmetric = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/**
 * @param options if absent, every client is a viewer.
 * @throws {HeadcountError} `bad_option` if an option is invalid.
 */
export function createAuth(options?: AuthOptions, environment: AuthEnvironment = {}, known?: Jwks): Auth {
  const { claim = defaultAuth.claim, invalidToken, issuer, audience, leeway = defaultAuth.leeway } = options ?? {}
  const invalid = (reason: InvalidReason): Invalid => {
    return { kind: 'invalid', reason, refuse: invalidToken === 'reject' }
  }
  if (options === undefined) {
    return {
      verify: async (token) => (token === null ? viewer : invalid('no_keys')),
      refetchKeys: async () => 0,
      with: (other) => createAuth(other, environment),
    }
  }
  check(options)
  // Many servers verify no tokens, and start faster without it.
  const loading = import('jose')
  const jwks = jwksOf(options, environment.jwks, known)
  const verifiers = verifiersOf(options, jwks)
  const date = (): Date => environment.date?.() ?? new Date()
  const claims = { ...(issuer === undefined ? {} : { issuer }), ...(audience === undefined ? {} : { audience }) }

  /** The token's algorithm selects the key, and each kind of key allows only its own algorithms. */
  const payloadOf = async (token: string): Promise<JWTPayload | InvalidReason | 'unchecked'> => {
    const { decodeProtectedHeader, jwtVerify } = await loading
    const header = headerOf(token, decodeProtectedHeader)
    if (header?.alg === undefined) return 'malformed'
    const verifier = verifiers.find(({ algorithms }) => algorithms.includes(header.alg))
    if (verifier === undefined) return 'algorithm'
    const checks = { ...claims, algorithms: verifier.algorithms, currentDate: date(), clockTolerance: leeway / 1000 }
    let reason: InvalidReason = 'unknown_key'
    const keys = await verifier.keys(header).catch(() => undefined)
    if (keys === undefined) return 'unchecked'
    for (const key of keys) {
      try {
        return (await jwtVerify(token, key, checks)).payload
      } catch (error) {
        reason = reasonOf(error)
        // Another key can only help if this one did not sign the token, or is unusable.
        if (reason !== 'signature' && reason !== 'unknown_key') return reason
      }
    }
    return reason
  }

  return {
    async verify(token) {
      if (token === null) return viewer
      if (token.length > maxTokenBytes) return invalid('too_long')
      const payload = await payloadOf(token)
      if (payload === 'unchecked') return { kind: 'unchecked' }
      if (typeof payload === 'string') return invalid(payload)
      const topics = topicsOf(payload)
      if (topics === 'invalid') return invalid('topics')
      const grant = {
        ...(payload.exp !== undefined && { expiresIn: payload.exp * 1000 + leeway - date().getTime() }),
        ...(topics !== undefined && { topics }),
      }
      const userId = userIdOf(payload, claim)
      if (userId === undefined && topics === undefined) return invalid('subject')
      return { kind: 'valid', userId: userId ?? null, ...grant }
    },
    refetchKeys: async () => (await jwks?.refetch()) ?? 0,
    with: (other) => createAuth(other, environment, jwks),
  }
}

function jwksOf({ jwksUrl: url }: AuthOptions, options?: JwksOptions, known?: Jwks): Jwks | undefined {
  if (url === undefined) return undefined
  return known?.url === url ? known : jwksKeys(url, options)
}

function verifiersOf({ secret }: AuthOptions, jwks: Jwks | undefined): Verifier[] {
  const verifiers: Verifier[] = []
  if (secret !== undefined) {
    const keys = [secret].flat().map((each) => new TextEncoder().encode(each))
    verifiers.push({ algorithms: symmetric, keys: async () => keys })
  }
  if (jwks !== undefined) verifiers.push({ algorithms: asymmetric, keys: jwks.find })
  return verifiers
}

function headerOf(token: string, decode: (token: string) => object): JWTHeaderParameters | undefined {
  try {
    return decode(token) as JWTHeaderParameters
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

function topicsOf({ topics }: JWTPayload): readonly string[] | undefined | 'invalid' {
  if (topics === undefined) return undefined
  return Array.isArray(topics) && topics.every((each) => typeof each === 'string') ? topics : 'invalid'
}

function check(options: AuthOptions): void {
  const { secret, jwksUrl, claim } = options
  const { leeway = 0, invalidToken = defaultAuth.invalidToken, expiredToken = defaultAuth.expiredToken } = options
  const secrets = secret === undefined ? [] : [secret].flat()
  if (secret === undefined && jwksUrl === undefined) throw noKeys(options)
  for (const each of secrets as readonly unknown[]) {
    // Encoded as a key, null would be the word `null`, with which every client could sign.
    if (typeof each !== 'string') throw bad('auth.secret', 'a string', each === null ? 'null' : typeof each)
    if (!isSharedSecret(each))
      throw bad('auth.secret', 'a shared secret (public keys are found by auth.jwksUrl)', 'a key in PEM, DER or JSON')
  }
  if (secret !== undefined && (secrets.length === 0 || secrets.includes('')))
    throw bad('auth.secret', 'at least one character', 'none')
  if (!(leeway >= 0 && leeway <= maxLeeway)) throw bad('auth.leeway', `0 to ${maxLeeway} ms`, String(leeway))
  if (claim === '') throw bad('auth.claim', 'the name of a claim', 'an empty string')
  const url = jwksUrl !== undefined && URL.canParse(jwksUrl) ? new URL(jwksUrl) : undefined
  if (jwksUrl !== undefined && url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw bad('auth.jwksUrl', 'an http or https URL', url?.protocol ?? 'another string')
  // The error of `fetch` would quote them.
  if (url?.username || url?.password) throw bad('auth.jwksUrl', 'a URL without a name and a password', 'one with them')
  if (invalidToken !== 'viewer' && invalidToken !== 'reject')
    throw bad('auth.invalidToken', '"viewer" or "reject"', JSON.stringify(invalidToken))
  if (expiredToken !== 'viewer' && expiredToken !== 'close')
    throw bad('auth.expiredToken', '"viewer" or "close"', JSON.stringify(expiredToken))
}

/** An undefined option was probably meant to be set, usually from the environment. */
function noKeys(options: AuthOptions): HeadcountError {
  const name = (['secret', 'jwksUrl'] as const).find((each) => Object.hasOwn(options, each))
  if (name === undefined) return bad('auth', 'a secret or a jwksUrl', 'neither')
  return bad(`auth.${name}`, 'a string', 'undefined; is the environment variable that it is read from set?')
}

function bad(option: string, expected: string, got: string): HeadcountError {
  return new HeadcountError('bad_option', `${option}: expected ${expected}, got ${got}`)
}

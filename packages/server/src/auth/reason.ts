import type { errors } from 'jose'
import type { InvalidReason } from './outcome.js'

const byCode: Readonly<Record<string, InvalidReason>> = {
  ERR_JWT_EXPIRED: 'expired',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm',
  ERR_JOSE_NOT_SUPPORTED: 'algorithm',
  ERR_JWT_INVALID: 'malformed',
  ERR_JWS_INVALID: 'malformed',
  ERR_JWKS_NO_MATCHING_KEY: 'unknown_key',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'signature',
}

/** By the claim with the wrong value. */
const byClaim: Readonly<Record<string, InvalidReason>> = { iss: 'issuer', aud: 'audience', nbf: 'not_yet_valid' }

/** Why jose rejected a token. Its errors contain the payload, so nothing else of them may be kept. */
export function reasonOf(error: unknown): InvalidReason {
  const { code = '', claim = '', reason } = error as Partial<errors.JWTClaimValidationFailed>
  // Not an error of jose: the key is unusable, such as one of RSA with less than 2,048 bits.
  if (!String(code).startsWith('ERR_J')) return 'unknown_key'
  if (code !== 'ERR_JWT_CLAIM_VALIDATION_FAILED') return byCode[code] ?? 'malformed'
  return (reason === 'invalid' ? undefined : byClaim[claim]) ?? 'malformed'
}

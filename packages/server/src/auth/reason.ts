import { errors } from 'jose'
import type { InvalidReason } from './outcome.js'

const byCode: Readonly<Record<string, InvalidReason>> = {
  ERR_JWT_EXPIRED: 'expired',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm',
  ERR_JOSE_NOT_SUPPORTED: 'algorithm',
  ERR_JWT_INVALID: 'malformed',
  ERR_JWS_INVALID: 'malformed',
  ERR_JWKS_NO_MATCHING_KEY: 'unknown_key',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'unknown_key',
  ERR_JWKS_TIMEOUT: 'jwks_unreachable',
  ERR_JWKS_INVALID: 'jwks_unreachable',
}

/** By the claim that does not have the value that it must have. */
const byClaim: Readonly<Record<string, InvalidReason>> = { iss: 'issuer', aud: 'audience', nbf: 'not_yet_valid' }

/**
 * Why jose rejected a token. Its errors carry the payload, so nothing else of them may be kept.
 * @param isRemote whether the keys come from a JWKS, whose fetch may fail in any way.
 */
export function reasonOf(error: unknown, isRemote: boolean): InvalidReason {
  if (error instanceof errors.JWTClaimValidationFailed) {
    return (error.reason === 'invalid' ? undefined : byClaim[error.claim]) ?? 'malformed'
  }
  const known = error instanceof errors.JOSEError ? byCode[error.code] : undefined
  return known ?? (isRemote ? 'jwks_unreachable' : 'malformed')
}

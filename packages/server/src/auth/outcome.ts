/**
 * Why a token is invalid. Holds nothing of the token, so it may be logged and counted.
 * - `too_long`: longer than 8 KiB.
 * - `malformed`: not a signed JWT, or one with a claim of the wrong type.
 * - `algorithm`: signed with an algorithm that the configured keys do not allow, `none` above all.
 * - `signature`: signed with another key.
 * - `unknown_key`: signed with a key that the JWKS does not hold.
 * - `jwks_unreachable`: the JWKS cannot be fetched, or is invalid.
 * - `expired`, `not_yet_valid`: `exp` has passed, `nbf` has not.
 * - `issuer`, `audience`: `iss` or `aud` is not the configured one.
 * - `subject`: the claim that holds the user's id is absent, empty or of the wrong type.
 */
export type InvalidReason =
  | 'too_long'
  | 'malformed'
  | 'algorithm'
  | 'signature'
  | 'unknown_key'
  | 'jwks_unreachable'
  | 'expired'
  | 'not_yet_valid'
  | 'issuer'
  | 'audience'
  | 'subject'

/** The result of verifying a client's token. A viewer has no token, or the server has no key to verify one with. */
export type Outcome =
  | { readonly kind: 'viewer'; readonly userId: null }
  | { readonly kind: 'user'; readonly userId: string }
  | Invalid

export interface Invalid {
  readonly kind: 'invalid'
  readonly userId: null
  readonly reason: InvalidReason
  /** Whether the client must be refused. Otherwise it is a viewer. */
  readonly refuse: boolean
}

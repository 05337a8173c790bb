/**
 * Why a token is invalid. Contains nothing of the token, so it may be logged and counted.
 * - `too_long`: longer than 8 KiB.
 * - `malformed`: not a signed JWT, or one with a claim of the wrong type.
 * - `algorithm`: signed with an algorithm that the configured keys do not allow, such as `none`.
 * - `signature`: signed with another key.
 * - `unknown_key`: signed with a key that is not in the JWKS, or that is unusable.
 * - `expired`, `not_yet_valid`: `exp` has passed, `nbf` has not.
 * - `issuer`, `audience`: `iss` or `aud` is not the configured one.
 * - `subject`: the claim with the user's id is absent, empty or of the wrong type, and there is no
 *   claim `topics`.
 * - `topics`: the claim `topics` is not a list of texts.
 * - `no_keys`: the server has no secret and no JWKS to verify a token with.
 */
export type InvalidReason =
  | 'too_long'
  | 'malformed'
  | 'algorithm'
  | 'signature'
  | 'unknown_key'
  | 'expired'
  | 'not_yet_valid'
  | 'issuer'
  | 'audience'
  | 'subject'
  | 'topics'
  | 'no_keys'

/**
 * The result of verifying a client's token. `unchecked`: the key server is unreachable, and there are no recent keys.
 * The token may be valid.
 */
export type Outcome = Valid | Invalid | { readonly kind: 'unchecked' }

export interface Valid {
  readonly kind: 'valid'
  /** Null for a viewer, who has no token, or one without a user's id. */
  readonly userId: string | null
  /** In how many ms the token expires. Absent for one that does not. */
  readonly expiresIn?: number
  /** The patterns of its claim `topics`. Absent without that claim. */
  readonly topics?: readonly string[]
}

export interface Invalid {
  readonly kind: 'invalid'
  readonly reason: InvalidReason
  /** Whether the client must be refused. Otherwise it is a viewer. */
  readonly refuse: boolean
}

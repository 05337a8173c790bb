/** Who stands behind a socket, as far as counting goes. */
export interface Identity {
  /** The user's id, never to be sent or logged; null for a viewer. */
  readonly user: string | null
}

/**
 * Why a token is not taken. Never holds anything of the token, so it may be counted and logged.
 * - `too_long`: over 8 KiB.
 * - `malformed`: no signed JWT.
 * - `algorithm`: signed in a way that the configured key does not allow, `none` above all.
 * - `signature`: by somebody else's key.
 * - `unknown_key`: by a key that the JWKS does not hold.
 * - `jwks_unreachable`: the JWKS could not be fetched or is none.
 * - `expired`, `not_yet`: out of its time (`exp`, `nbf`).
 * - `claim`: the issuer or the audience is another, or the claim that holds the user's id is empty, absent or of
 *   another type.
 */
export type InvalidReason =
  | 'too_long'
  | 'malformed'
  | 'algorithm'
  | 'signature'
  | 'unknown_key'
  | 'jwks_unreachable'
  | 'expired'
  | 'not_yet'
  | 'claim'

/** What became of a client's token. Each outcome is an identity: an invalid token makes a viewer. */
export type Outcome = Viewer | User | Invalid

/** No token, or nothing here to check one with. */
export interface Viewer extends Identity {
  readonly kind: 'viewer'
  readonly user: null
}

export interface User extends Identity {
  readonly kind: 'user'
  readonly user: string
}

export interface Invalid extends Identity {
  readonly kind: 'invalid'
  readonly user: null
  readonly reason: InvalidReason
  /** True where the settings ask to refuse the client rather than to take it as a viewer. */
  readonly refuse: boolean
}

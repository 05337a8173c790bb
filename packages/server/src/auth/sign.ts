import { SignJWT } from 'jose'

export interface SignOptions {
  /** The claim that holds the user's id. */
  readonly claim?: string
  /** How long the token is good for, in ms. */
  readonly expires: number
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  /** Now, in ms since 1970. */
  readonly now?: () => number
}

/** Signs a token (HS256) that `createAuth` with the same secret takes as this user's. For development and the demo. */
export function signToken(secret: string, user: string, options: SignOptions): Promise<string> {
  const at = Math.floor((options.now ?? Date.now)() / 1000)
  const token = new SignJWT({ [options.claim ?? 'sub']: user })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt(at)
    .setExpirationTime(at + Math.ceil(options.expires / 1000))
  if (options.issuer !== undefined) token.setIssuer(options.issuer)
  if (options.audience !== undefined) token.setAudience(options.audience)
  return token.sign(new TextEncoder().encode(secret))
}

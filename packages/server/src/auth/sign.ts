import { type AuthOptions, defaultAuth } from './auth.js'

export interface SignOptions extends Pick<AuthOptions, 'claim' | 'issuer' | 'audience'> {
  /** How long the token is valid, in ms. */
  readonly expires: number
  /** The claim `topics`: patterns of the topics that the token allows. Default: no claim. */
  readonly topics?: readonly string[] | undefined
  /** The time, in ms since 1970. */
  readonly now?: () => number
}

/**
 * Signs a token (HS256) that a server with the same secret accepts. For development.
 * @param userId null for a viewer, who may use `topics`.
 */
export async function signToken(secret: string, userId: string | null, options: SignOptions): Promise<string> {
  const { SignJWT } = await import('jose')
  const issued = Math.floor((options.now ?? Date.now)() / 1000)
  const { claim = defaultAuth.claim, topics } = options
  const token = new SignJWT({ ...(userId !== null && { [claim]: userId }), ...(topics && { topics }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt(issued)
    .setExpirationTime(issued + Math.ceil(options.expires / 1000))
  if (options.issuer !== undefined) token.setIssuer(options.issuer)
  if (options.audience !== undefined) token.setAudience(options.audience)
  return token.sign(new TextEncoder().encode(secret))
}

import { createHmac } from 'node:crypto'

export interface TokenOptions {
  /** When it expires, in seconds since 1970: in an hour unless given. */
  readonly exp?: number
  /** HS256 unless given. */
  readonly alg?: 'HS256' | 'HS384' | 'HS512'
  readonly claims?: Readonly<Record<string, unknown>>
}

const hashes = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }

/** A user's token, signed as an application of any language would: a JWT with the id as `sub`. */
export function tokenFor(secret: string, user: string, options: TokenOptions = {}): string {
  const { exp = Math.floor(Date.now() / 1000) + 3600, alg = 'HS256', claims } = options
  const signed = `${part({ alg, typ: 'JWT' })}.${part({ sub: user, exp, ...claims })}`
  return `${signed}.${createHmac(hashes[alg], secret).update(signed).digest('base64url')}`
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The token of the header `Authorization`; undefined if it does not have the scheme Bearer (RFC 6750, 2.1). */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
}

const bearer = 'base64url.bearer.phx.'

/** What scripts send for a missing token. */
const missing: ReadonlySet<string> = new Set(['', 'undefined', 'null'])

/** The text of a token, or null where scripts sent one of the texts that stand for none. */
export function presentToken(token: string | null): string | null {
  return token === null || missing.has(token) ? null : token
}

/**
 * The token of an upgrade request, not verified; null where there is none. It is the stock client's `authToken` (the
 * subprotocol `base64url.bearer.phx.<token>`), else the socket param `token`.
 * @param protocols the header `Sec-WebSocket-Protocol`.
 */
export function tokenOfRequest(params: URLSearchParams, protocols: string | null | undefined): string | null {
  const offered = (protocols ?? '').split(',').map((name) => name.trim())
  const encoded = offered.find((name) => name.startsWith(bearer))?.slice(bearer.length)
  return presentToken(encoded === undefined ? params.get('token') : decode(encoded))
}

/** Text that is not base64url is kept: it is then a malformed token, not a missing one. */
function decode(encoded: string): string {
  return Buffer.from(encoded, 'base64url').toString('utf8') || encoded
}

const bearer = 'base64url.bearer.phx.'

/** Whether scripts send this text for a missing value. */
export function isMissing(text: string): boolean {
  return ['', 'undefined', 'null'].includes(text)
}

/** The text of a token, or null for a text that scripts send for a missing one. */
export function presentToken(token: string | null): string | null {
  return token === null || isMissing(token) ? null : token
}

/**
 * The token of an upgrade request, not verified; null if there is none. It is the stock client's `authToken` (the
 * subprotocol `base64url.bearer.phx.<token>`), else the socket param `token`.
 * @param protocols the header `Sec-WebSocket-Protocol`.
 */
export function tokenOfRequest(
  params: { get(name: string): string | null | undefined },
  protocols: string | null | undefined,
): string | null {
  return presentToken(offeredText(protocols, bearer) ?? params.get('token') ?? null)
}

/** The text that a client offers in base64url, in the subprotocol of this prefix; null if it offers none. */
export function offeredText(protocols: string | null | undefined, prefix: string): string | null {
  if (!protocols) return null
  const offered = protocols.split(',').map((name) => name.trim())
  const encoded = offered.find((name) => name.startsWith(prefix))?.slice(prefix.length)
  return encoded === undefined ? null : decode(encoded)
}

/** Text that is not base64url is kept: it is then a malformed token, not a missing one. */
function decode(encoded: string): string {
  return Buffer.from(encoded, 'base64url').toString('utf8') || encoded
}

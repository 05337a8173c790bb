/** Where a client may put its token when it opens a socket. */
export interface TokenOffer {
  /** The token as it came, unchecked; null where none was given. */
  readonly token: string | null
  /** The subprotocol to answer with: `phoenix` where it was offered. */
  readonly protocol: 'phoenix' | undefined
}

const bearer = 'base64url.bearer.phx.'

/** What scripts send that have no token, and put nothing in its place. */
const none: ReadonlySet<string> = new Set(['', 'undefined', 'null'])

/**
 * The token of a socket's request: the stock client's `authToken` (the subprotocols `phoenix` and
 * `base64url.bearer.phx.<token>`), or else the socket param `token`.
 * @param protocols the header `sec-websocket-protocol`.
 */
export function tokenOfRequest(params: URLSearchParams, protocols: string | null | undefined): TokenOffer {
  const offered = (protocols ?? '').split(',').map((name) => name.trim())
  const encoded = offered.find((name) => name.startsWith(bearer))?.slice(bearer.length)
  const given = encoded === undefined ? params.get('token') : decoded(encoded)
  return {
    token: given === null || none.has(given) ? null : given,
    protocol: offered.includes('phoenix') ? 'phoenix' : undefined,
  }
}

/** What cannot be decoded stays as it came, to be found malformed rather than taken for no token. */
function decoded(encoded: string): string {
  return Buffer.from(encoded, 'base64url').toString('utf8') || encoded
}

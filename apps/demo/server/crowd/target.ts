/** What a client of version 2 connects to, and the subprotocols with which it says who it is. */
export interface Target {
  readonly url: string
  readonly protocols: string[]
}

/**
 * The endpoint of a server, with the token where the stock client puts its `authToken`: not in the URL.
 * @param server `ws://host:port`, or the whole path of another socket: `wss://host/live`.
 */
export function targetOf(server: string, token: string | undefined): Target {
  const url = new URL(server)
  const base = url.pathname === '/' ? '/socket' : url.pathname.replace(/\/$/, '')
  url.pathname = `${base}/websocket`
  url.searchParams.set('vsn', '2.0.0')
  const bearer = token === undefined ? [] : [`base64url.bearer.phx.${Buffer.from(token).toString('base64url')}`]
  return { url: url.href, protocols: ['phoenix', ...bearer] }
}

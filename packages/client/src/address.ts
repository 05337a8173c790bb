/**
 * The URL of a WebSocket: `/socket` in a page of `https://host` becomes `wss://host/socket/websocket?vsn=2.0.0`.
 * @throws if the URL has no host and this is not a page.
 */
export function socketUrl(url: string, params: object): string {
  return absolute(url)
    .replace(/^http/, 'ws')
    .replace(/\/*(\?|$)/, `/websocket?${new URLSearchParams({ vsn: '2.0.0', ...params })}&`)
    .replace(/&$/, '')
}

/** The URL with the scheme and host of the page, if it has none. @throws if this is not a page. */
export function absolute(url: string): string {
  return url[0] === '/' ? new URL(url, location.origin).href : url
}

/**
 * The subprotocols to offer. They carry what should not be in a URL, which servers log: the token, as the stock client
 * sends its `authToken`, and the client id.
 */
export function subprotocols(token: string | null, clientId?: string | null): string[] {
  const offered = ['phoenix']
  if (token) offered.push(`base64url.bearer.phx.${base64url(token)}`)
  if (clientId) offered.push(`base64url.client_id.${base64url(clientId)}`)
  // Phoenix before 1.8 answers none of them, and browsers then close the connection.
  return token || clientId ? offered : []
}

function base64url(text: string): string {
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(text)))
  return base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
}

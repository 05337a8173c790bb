/** The path of WebSockets, as in Phoenix. */
export const socketPath = '/socket/websocket'

const webSocket = /^\/+socket\/+websocket\/*(?:\?|$)/
const longPoll = /^\/+socket\/+longpoll\/*(?:\?|$)/

/**
 * A request's URL without the scheme and host, which a proxy may leave in front of the path: every server must accept
 * them (RFC 9112, 3.2.2).
 */
export function originForm(url = ''): string {
  return url.replace(/^https?:\/\/[^/?#]*/i, '')
}

/** Whether a request's URL is at the socket path. Doubled and trailing slashes are accepted, as in Phoenix. */
export function isSocketPath(url: string | undefined): boolean {
  return webSocket.test(originForm(url))
}

/** The same for the path of long polls, `/socket/longpoll`. */
export function isLongPollPath(url: string | undefined): boolean {
  return longPoll.test(originForm(url))
}

/** The path of WebSockets, as in Phoenix. */
export const socketPath = '/socket/websocket'

const pattern = /^\/+socket\/+websocket\/*(?:\?|$)/

/** Whether a request's URL is at the socket path. Doubled and trailing slashes are accepted, as in Phoenix. */
export function isSocketPath(url: string | undefined): boolean {
  return pattern.test(url ?? '')
}

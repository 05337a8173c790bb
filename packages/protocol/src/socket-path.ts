/** The path of WebSockets, as in Phoenix. */
export const socketPath = '/socket/websocket'

const webSocket = /^\/+socket\/+websocket\/*(?:\?|$)/
const longPoll = /^\/+socket\/+longpoll\/*(?:\?|$)/

/** Whether a request's URL is at the socket path. Doubled and trailing slashes are accepted, as in Phoenix. */
export function isSocketPath(url: string | undefined): boolean {
  return webSocket.test(url ?? '')
}

/** The same for the path of long polls, `/socket/longpoll`. */
export function isLongPollPath(url: string | undefined): boolean {
  return longPoll.test(url ?? '')
}

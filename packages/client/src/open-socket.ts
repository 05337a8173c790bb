import { socketUrl, subprotocols } from './address.js'
import type { WebSocketLike } from './connection.js'
import { ClientError } from './error.js'
import type { SocketOptions } from './options.js'

/**
 * Opens the WebSocket of a client.
 * @throws {ClientError} `no_websocket`, or `bad_address` if the constructor throws: for `ws:` in a page of `https:`.
 */
export function openSocket(
  url: string,
  { transport = globalThis.WebSocket, params = {} }: SocketOptions,
  token: string | null,
  clientId: string | null | undefined,
): WebSocketLike {
  if (!transport) throw new ClientError('no_websocket', 'expected socket.transport')
  try {
    const address = socketUrl(url, typeof params === 'function' ? params() : params)
    return new transport(address, subprotocols(token, clientId)) as WebSocketLike
  } catch (error) {
    throw new ClientError('bad_address', `cannot use "${url}": ${error}`)
  }
}

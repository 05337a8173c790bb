import type { IncomingMessage } from 'node:http'
import { ignoreBody, ignoreRequests } from './node-parser.js'

/** Maximum chunks of a body: as many as the fragments of a WebSocket message. */
const maxChunks = 256

/**
 * Closes the connection of a request whose body is in too many chunks. One read may have ten thousand chunks of a byte,
 * and Node takes 60 ms to pass them on. Must be called in the listener of `request`.
 */
export function limitChunks(request: IncomingMessage, cutOff: () => void): void {
  if (request.httpVersionMajor > 1 || request.headers['transfer-encoding'] === undefined) return
  const { push } = request
  let chunks = 0
  // Node calls this for each chunk, until the response ends.
  request.push = (chunk: Buffer | null, encoding) => {
    chunks += 1
    if (chunks <= maxChunks) return push.call(request, chunk, encoding)
    if (chunks === maxChunks + 1) {
      cutOff()
      ignoreRequests(request.socket)
      ignoreBody(request.socket)
      request.socket.destroy()
    }
    return false
  }
}

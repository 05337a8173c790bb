import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { ignoreRequests } from './pipelines.js'

/** Maximum chunks of a body: as many as the fragments of a WebSocket message. */
const maxChunks = 256

/** The index of the parser's callback for the bytes of a body. */
const onBody = 3

/** A socket with the parser that Node gives it, which is not part of Node's types. */
type ParsedSocket = Socket & { readonly parser?: { [onBody]?: unknown } | null }

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
      dropRest(request.socket)
    }
    return false
  }
}

/** Destroys a connection, and drops what has been read already. */
function dropRest(socket: Socket): void {
  ignoreRequests(socket)
  const { parser } = socket as ParsedSocket
  const callback = parser?.[onBody]
  if (parser && callback !== undefined) {
    delete parser[onBody]
    // Before Node's own listener, which makes the parser available to other connections.
    socket.prependOnceListener('close', () => {
      parser[onBody] = callback
    })
  }
  socket.destroy()
}

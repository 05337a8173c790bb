import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** The index of the parser's callback for the bytes of a body. */
const onBody = 3

/** The callbacks of Node's parser, which Node's types lack: without them these functions have no effect. */
interface Parser {
  onIncoming(request: IncomingMessage): number
  [onBody]?: unknown
}

/** A socket with the parser that Node gives it. */
type ParsedSocket = Socket & { readonly parser?: Parser | null }

/** Drops further requests of a connection, including those that have been read already. */
export function ignoreRequests(socket: ParsedSocket): void {
  if (socket.parser) socket.parser.onIncoming = ignoreRequest
}

/**
 * In place of Node's own function for the head of a request. 2 makes the parser stop, as if another protocol followed;
 * no listener of `upgrade` is called, because the request does not ask for one.
 */
function ignoreRequest(request: IncomingMessage & { upgrade?: boolean }): number {
  request.upgrade = false
  return 2
}

/** Drops the rest of the body that a connection is sending, until it closes. */
export function ignoreBody(socket: ParsedSocket): void {
  const { parser } = socket
  const callback = parser?.[onBody]
  if (!parser || callback === undefined) return
  delete parser[onBody]
  // Before Node's own listener, which makes the parser available to other connections.
  socket.prependOnceListener('close', () => {
    parser[onBody] = callback
  })
}

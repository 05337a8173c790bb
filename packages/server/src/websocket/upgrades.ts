import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { isSocketPath } from '@headcount/protocol'
import { ignoreErrors } from './refusal.js'

/** Handles an upgrade request at the socket path. `head` holds the bytes that followed it. */
export type UpgradeHandler = (request: IncomingMessage, stream: Duplex, head: Buffer) => void

/**
 * Takes the upgrade requests at the socket path from an HTTP server. They reach no other listener: Node calls every
 * listener of `upgrade` with the same stream, and most, such as the `ws` package, refuse a path that they do not know.
 * Where several handlers take the same path, the newest gets the requests.
 *
 * Upgrades at other paths are left to the application's listeners. If it has none they are answered here, because Node
 * leaves an upgrade that no listener handles open.
 * @param refuse answers an upgrade to a WebSocket at another path.
 * @returns a function that undoes it.
 */
export function takeUpgrades(server: Server, handle: UpgradeHandler, refuse: (stream: Duplex) => void): () => void {
  const { emit } = server
  let isActive = true
  const intercept = function (this: Server, event: string, ...args: unknown[]): boolean {
    if (event !== 'upgrade' || !isActive) return Reflect.apply(emit, this, [event, ...args])
    const [request, stream, head] = args as Parameters<UpgradeHandler>
    if (isSocketPath(request.url)) handle(request, stream, head)
    else if (server.listeners('upgrade').some((each) => each !== placeholder))
      Reflect.apply(emit, this, [event, ...args])
    else if (request.headers.upgrade?.toLowerCase() === 'websocket') refuse(stream)
    else serveWithoutUpgrade(server, request, stream)
    return true
  }
  server.emit = intercept as Server['emit']
  server.on('upgrade', placeholder)
  return () => {
    isActive = false
    server.off('upgrade', placeholder)
    if (server.emit === intercept) server.emit = emit
  }
}

/** Without a listener for `upgrade`, Node would treat an upgrade as a plain request. */
function placeholder(): void {}

/** Serves the request over HTTP: a server may ignore an upgrade (RFC 9110, 7.8), and some clients always offer h2c. */
function serveWithoutUpgrade(server: Server, request: IncomingMessage, stream: Duplex): void {
  // Node reads the stream no further, and would not notice its end. What follows the request is dropped.
  ignoreErrors(stream).resume()
  stream.allowHalfOpen = false
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    response.assignSocket(stream as Socket)
  } catch {
    // An earlier request of the connection has no response yet, and the stream cannot carry two.
    stream.destroy()
    return
  }
  // Node removed its own listeners.
  for (const event of ['drain', 'timeout']) stream.on(event, () => response.emit(event))
  // A client that keeps its half open would keep the server from closing.
  response.once('finish', () => stream.end(() => stream.destroy()))
  server.emit('request', request, response)
}

import { IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '@headcount/core'
import { closeTimeout } from './connection.js'
import { ignoreErrors } from './refuse.js'

/**
 * Serves HTTP requests that offer an upgrade to another protocol than WebSocket: a server may ignore an upgrade (RFC
 * 9110, 7.8), and some clients always offer h2c. Node has detached their connections: it reads no body, and does not
 * close them with the server.
 */
export class PlainUpgrades {
  readonly #streams = new Set<Duplex>()

  constructor(private readonly clock: Clock) {}

  /** @param head the bytes that followed the head of the request. Its body must not be chunked. */
  serve(server: Server, upgrade: IncomingMessage, stream: Duplex, head: Buffer): void {
    const request = withBody(upgrade, ignoreErrors(stream), head)
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    try {
      response.assignSocket(stream as Socket)
    } catch {
      // An earlier request of the connection has no response yet, and the stream cannot carry two.
      stream.destroy()
      return
    }
    this.#streams.add(stream)
    stream.once('close', () => this.#streams.delete(stream))
    // Node has no timeout for the rest of a request whose connection it has detached.
    const { requestTimeout } = server
    if (requestTimeout > 0) {
      const cancel = this.clock.after(requestTimeout, () => {
        if (!request.complete) stream.destroy()
      })
      stream.once('close', cancel)
    }
    // The end of the client's side ends the connection.
    stream.allowHalfOpen = false
    stream.resume()
    // Node removed its own listeners.
    for (const event of ['drain', 'timeout']) stream.on(event, () => response.emit(event))
    // A client that keeps its half open would prevent the server from closing.
    response.once('finish', () => stream.end(() => stream.destroy()))
    server.emit('request', request, response)
  }

  /** Closes the connections whose responses do not end soon. */
  close(): void {
    this.clock.after(closeTimeout, () => {
      for (const stream of this.#streams) stream.destroy()
    })
  }
}

/** The same request with its body, which Node has not read. Bytes after the body are dropped. */
function withBody(upgrade: IncomingMessage, stream: Duplex, head: Buffer): IncomingMessage {
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } = upgrade
  const request = new IncomingMessage(stream as Socket)
  Object.assign(request, { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor })
  let missing = Number(upgrade.headers['content-length'] ?? 0)
  const take = (bytes: Buffer): void => {
    if (missing === 0) return
    const part = bytes.subarray(0, missing)
    missing -= part.length
    // Node's own request resumes reading when the body is read.
    if (!request.push(part)) stream.pause()
    if (missing === 0) end()
  }
  const end = (): void => {
    request.complete = true
    request.push(null)
  }
  if (missing === 0) end()
  take(head)
  stream.on('data', take)
  return request
}

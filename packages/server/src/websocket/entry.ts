import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Acceptor, type Take } from './acceptor.js'
import { socketPath } from './path.js'
import { refuse } from './refusal.js'
import { pathOf } from './request.js'

/** The ways into one HTTP server, beside whatever else it serves: before its parser, and behind it as an upgrade. */
export class Entry {
  readonly #server: Server
  readonly #take: Take
  readonly #acceptor: Acceptor | undefined

  constructor(server: Server, take: Take) {
    this.#server = server
    this.#take = take
    this.#acceptor = Acceptor.before(server, take)
    server.on('upgrade', this.#upgrade)
  }

  /** A second has passed. */
  second(): void {
    this.#acceptor?.second()
  }

  /** Leaves one way, that behind the parser, for as long as the server lives on. */
  narrow(): void {
    this.#acceptor?.close()
  }

  close(): void {
    this.narrow()
    this.#server.off('upgrade', this.#upgrade)
  }

  readonly #upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (pathOf(request.url) === socketPath) this.#take(request, stream, head)
    else if (this.#server.listenerCount('upgrade') > 1) return
    else if (request.headers.upgrade?.toLowerCase() === 'websocket') refuse(stream, elsewhere)
    else this.#serveAsIs(request, stream)
  }

  /** An upgrade that nobody here can make is no reason not to answer (RFC 9110, 7.8): many a client offers h2c by itself. */
  #serveAsIs(request: IncomingMessage, stream: Duplex): void {
    stream.on('error', () => {})
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(stream as Socket)
    response.once('finish', () => stream.end())
    this.#server.emit('request', request, response)
  }
}

const elsewhere = {
  status: 404,
  code: 'not_found',
  message: `expected a socket at ${socketPath}, got another path`,
} as const

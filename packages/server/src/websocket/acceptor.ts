import { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Handler, handle, unhandle } from './handler.js'
import { type SocketRequest, socketRequestIn } from './head.js'

/** What an HTTP server does with a new connection: the one listener that a server has from the beginning. */
const [parse] = new Server().listeners('connection') as ((this: Server, stream: Duplex) => void)[]

/** Takes a request for a socket. `head` are the bytes that came behind it. */
export type Take = (request: SocketRequest, stream: Duplex, head: Buffer) => void

/**
 * Looks at the first bytes of a server's connections: a plain request for a socket is taken at once, without an HTTP parser, a request and a
 * response made for it, 5 to 10 % of what a join costs; every other connection goes on to the server as it came.
 */
export class Acceptor implements Handler {
  readonly #server: Server
  readonly #take: Take
  /** Connections that have said nothing: those of this second, and those of the last. */
  #silent = new Set<Duplex>()
  #longSilent = new Set<Duplex>()

  private constructor(server: Server, take: Take) {
    this.#server = server
    this.#take = take
    server.on('connection', this.#accept)
  }

  /** In front of a server's own parser. Undefined where that is not to be found: a server over TLS, or one that is not Node's. */
  static before(server: Server, take: Take): Acceptor | undefined {
    if (parse === undefined || !server.listeners('connection').includes(parse)) return undefined
    server.off('connection', parse)
    return new Acceptor(server, take)
  }

  readonly #accept = (stream: Duplex): void => {
    this.#silent.add(stream)
    handle(stream, this)
  }

  came(bytes: Buffer, stream: Duplex): void {
    // Others who listen to upgrades are to see this one, too.
    const asked = this.#server.listenerCount('upgrade') > 1 ? undefined : socketRequestIn(bytes)
    if (asked === undefined) {
      this.#passOn(stream)
      stream.unshift(bytes)
    } else {
      this.#forget(stream)
      this.#take(asked.request, stream, bytes.subarray(asked.end))
    }
  }

  ended(stream: Duplex): void {
    stream.destroy()
  }

  closed(stream: Duplex): void {
    this.#forget(stream)
  }

  /** A second has passed. Who has said nothing in it is left to the server, and to the server's own timeouts. */
  second(): void {
    for (const stream of this.#longSilent) this.#passOn(stream)
    const none = this.#longSilent
    this.#longSilent = this.#silent
    this.#silent = none
  }

  /** Leaves all connections to the server, those that have said nothing yet and those to come. */
  close(): void {
    if (parse === undefined || !this.#server.listeners('connection').includes(this.#accept)) return
    this.#server.off('connection', this.#accept).on('connection', parse)
    for (const stream of [...this.#silent, ...this.#longSilent]) this.#passOn(stream)
  }

  #passOn(stream: Duplex): void {
    this.#forget(stream)
    unhandle(stream)
    parse?.call(this.#server, stream)
  }

  #forget(stream: Duplex): void {
    if (!this.#silent.delete(stream)) this.#longSilent.delete(stream)
  }
}

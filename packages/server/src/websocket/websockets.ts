import type { IncomingMessage, Server } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Vsn } from '@headcount/protocol'
import type { Session } from '../sockets/session.js'
import type { Sockets } from '../sockets/sockets.js'
import { Connection, type ConnectionOptions } from './connection.js'
import { handshake } from './handshake.js'
import { PlainUpgrades } from './plain-upgrades.js'
import { ignoreErrors, type Refusal, refusal, refuse } from './refusal.js'
import { authenticate, type RequestRules, readRequest } from './request.js'
import { TextFramer } from './text-framer.js'
import { takeUpgrades } from './upgrades.js'

/** A socket with so many times `backlogBytes` still to be sent is closed. */
const maxBacklogFactor = 4

/** Opens sockets for the upgrade requests of HTTP servers. */
export class WebSockets {
  readonly #sockets: Sockets
  readonly #rules: RequestRules
  /** By protocol version, because a broadcast sends one text to each. */
  readonly #options: Readonly<Record<Vsn, ConnectionOptions>>
  #connections = 0
  /** Those whose token is being verified. */
  #pending = 0
  readonly #plain: PlainUpgrades
  #isDraining = false
  #onDrained: (() => void) | undefined

  constructor(sockets: Sockets, rules: RequestRules) {
    this.#sockets = sockets
    this.#rules = rules
    const { clock, metrics, limits } = sockets.context
    this.#plain = new PlainUpgrades(clock)
    const maxBacklogBytes = limits.backlogBytes * maxBacklogFactor
    const closed = (): void => this.#onClosed()
    const shared = { maxMessageBytes: limits.frameBytes, maxBacklogBytes, clock, metrics, closed }
    this.#options = { 1: { ...shared, framer: new TextFramer() }, 2: { ...shared, framer: new TextFramer() } }
  }

  /** Takes sockets from an HTTP server, beside what else it serves. Returns a function that undoes it. */
  attach(server: Server): () => void {
    return takeUpgrades(
      server,
      (request, stream, head) => this.#upgrade(request, stream, head),
      (request, stream, head) => {
        const { upgrade = '', 'transfer-encoding': isChunked } = request.headers
        if (upgrade.toLowerCase() === 'websocket') this.#refuse(stream, refusal('not_found'))
        else if (isChunked !== undefined) this.#refuse(stream, refusal('upgrade'))
        else this.#plain.serve(server, request, stream, head)
      },
    )
  }

  /** Refuses new sockets from now on. */
  refuseAll(): void {
    this.#isDraining = true
  }

  /** Resolves when every connection has closed, a few seconds after its socket at most. */
  async closed(): Promise<void> {
    this.#plain.close()
    if (this.#connections > 0) await new Promise<void>((resolve) => (this.#onDrained = resolve))
  }

  #onClosed(): void {
    this.#connections -= 1
    if (this.#connections === 0) this.#onDrained?.()
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    ignoreErrors(stream)
    const { admission } = this.#sockets.context
    const overload = admission.handshake(this.#sockets.size + this.#pending)
    if (overload !== undefined) {
      this.#refuse(stream, refusal(overload))
      return
    }
    const socketRequest = readRequest(request, this.#rules)
    const response = handshake(request)
    const address = this.#addressOf(request)
    if ('status' in socketRequest) this.#refuse(stream, socketRequest)
    else if (typeof response !== 'string') this.#refuse(stream, response)
    else {
      const open = (session: Session | Refusal): void => {
        if ('status' in session) this.#refuse(stream, session)
        else if (this.#isDraining) this.#refuse(stream, refusal('unavailable'))
        else if (this.#sockets.context.addressLimit.isFull(address))
          this.#refuse(stream, refusal('too_many_of_address'))
        else if (stream.readable) this.#open(stream, head, response, socketRequest.vsn, session, address)
        // The client left while its token was verified. Nobody would notice later: nothing is read behind the end.
        else stream.destroy()
      }
      const session = authenticate(socketRequest, this.#rules)
      if (!(session instanceof Promise)) open(session)
      else {
        this.#pending += 1
        void session.then((verified) => {
          this.#pending -= 1
          open(verified)
        })
      }
    }
  }

  #refuse(stream: Duplex, refused: Refusal): void {
    this.#sockets.context.metrics.count('refused_upgrades', 1, refused.code)
    refuse(stream, refused)
  }

  /** Addresses are read only where a limit needs them. They are kept in memory, and nowhere else. */
  #addressOf(request: IncomingMessage): string | null {
    const { socketsPerAddress, presencesPerAddress } = this.#sockets.context.limits
    return socketsPerAddress > 0 || presencesPerAddress > 0 ? this.#rules.addressOf(request) : null
  }

  #open(stream: Duplex, head: Buffer, response: string, vsn: Vsn, session: Session, address: string | null): void {
    // The timeout of an HTTP server is for requests.
    if (stream instanceof Socket) stream.setTimeout(0)
    stream.write(response, 'latin1')
    const connection = new Connection(stream, this.#options[vsn])
    this.#connections += 1
    if (address !== null) stream.once('close', this.#sockets.context.addressLimit.take(address))
    connection.start(this.#sockets.open(connection, vsn, session, address), head)
  }
}

import type { IncomingMessage, Server } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Vsn } from '@headcount/protocol'
import type { Openings } from '../opening/openings.js'
import { type Refusal, refusal } from '../opening/refusal.js'
import { maxBacklogOf } from '../sockets/limits.js'
import type { Opening } from '../sockets/socket.js'
import type { Sockets } from '../sockets/sockets.js'
import { Connection, type ConnectionOptions } from './connection.js'
import { handshake } from './handshake.js'
import { PlainUpgrades } from './plain-upgrades.js'
import { ignoreErrors, refuse } from './refuse.js'
import { TextFramer } from './text-framer.js'
import { takeUpgrades } from './upgrades.js'

/** Opens sockets for the upgrade requests of HTTP servers. */
export class WebSockets {
  /** By protocol version, because a broadcast sends one text to each. */
  readonly #options: Readonly<Record<Vsn, ConnectionOptions>>
  #connections = 0
  readonly #plain: PlainUpgrades
  #onDrained: (() => void) | undefined

  constructor(
    private readonly sockets: Sockets,
    private readonly openings: Openings,
  ) {
    const { clock, metrics, limits } = sockets.context
    this.#plain = new PlainUpgrades(clock)
    const maxBacklogBytes = maxBacklogOf(limits)
    const closed = (): void => this.#onClosed()
    const shared = { maxMessageBytes: limits.frameBytes, maxBacklogBytes, clock, metrics, closed }
    this.#options = { 1: { ...shared, framer: new TextFramer() }, 2: { ...shared, framer: new TextFramer() } }
  }

  /** Handles the sockets of an HTTP server, besides its other requests. Returns a function that detaches. */
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

  /** Resolves when every connection has closed, at most a few seconds after its socket. */
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
    const response = handshake(request)
    const decided = (opening: Opening | Refusal): void => {
      if ('status' in opening) refuse(stream, opening)
      // The client left while its token was verified. This must be detected here: nothing is read after the end.
      else if (!stream.readable) stream.destroy()
      else if (typeof response === 'string') this.#open(stream, head, response, opening)
    }
    this.openings.decide(request, decided, typeof response === 'string' ? undefined : response)
  }

  #refuse(stream: Duplex, refused: Refusal): void {
    this.sockets.context.metrics.count('refused_upgrades', 1, refused.code)
    refuse(stream, refused)
  }

  #open(stream: Duplex, head: Buffer, response: string, opening: Opening): void {
    // The timeout of an HTTP server is for requests.
    if (stream instanceof Socket) stream.setTimeout(0)
    stream.write(response, 'latin1')
    const connection = new Connection(stream, this.#options[opening.vsn])
    this.#connections += 1
    const { address } = opening
    if (address !== null) stream.once('close', this.sockets.context.addressLimit.take(address))
    connection.start(this.sockets.open(connection, opening), head)
  }
}

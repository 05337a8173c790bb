import type { IncomingMessage, Server } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Identity } from '@headcount/core'
import type { Vsn } from '@headcount/protocol'
import type { Sockets } from '../sockets/sockets.js'
import { Connection, type ConnectionOptions } from './connection.js'
import { handshake } from './handshake.js'
import { ignoreErrors, type Refusal, refusal, refuse } from './refusal.js'
import { identify, type RequestRules, readRequest } from './request.js'
import { TextFramer } from './text-framer.js'
import { takeUpgrades } from './upgrades.js'

/** A socket with so many times `backlogBytes` still to be sent is closed. */
const maxBacklogFactor = 16

const restarting = refusal(503, 'unavailable', 'the server restarts')

/** Opens sockets for the upgrade requests of HTTP servers. */
export class WebSockets {
  readonly #sockets: Sockets
  readonly #rules: RequestRules
  /** By protocol version, because a broadcast sends one text to each. */
  readonly #options: Readonly<Record<Vsn, ConnectionOptions>>
  #connections = 0
  #isDraining = false
  #onDrained: (() => void) | undefined

  constructor(sockets: Sockets, rules: RequestRules) {
    this.#sockets = sockets
    this.#rules = rules
    const { clock, metrics, limits } = sockets.context
    const maxBacklogBytes = limits.backlogBytes * maxBacklogFactor
    const closed = (): void => this.#closed()
    const shared = { maxMessageBytes: limits.frameBytes, maxBacklogBytes, clock, metrics, closed }
    this.#options = { 1: { ...shared, framer: new TextFramer() }, 2: { ...shared, framer: new TextFramer() } }
  }

  /** Takes sockets from an HTTP server, beside what else it serves. Returns a function that undoes it. */
  attach(server: Server): () => void {
    return takeUpgrades(server, (request, stream, head) => void this.#upgrade(request, stream, head))
  }

  /** Refuses new sockets and closes the open ones with 1012. Resolves when all are closed, a few seconds at most. */
  async drain(): Promise<void> {
    this.#isDraining = true
    this.#sockets.closeAll(1012, 'the server restarts')
    if (this.#connections > 0) await new Promise<void>((resolve) => (this.#onDrained = resolve))
  }

  #closed(): void {
    this.#connections -= 1
    if (this.#connections === 0) this.#onDrained?.()
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    ignoreErrors(stream)
    const socketRequest = readRequest(request, this.#rules)
    const response = handshake(request)
    if ('status' in socketRequest) refuse(stream, socketRequest)
    else if (typeof response !== 'string') refuse(stream, response)
    else {
      const open = (identity: Identity | Refusal): void => {
        if ('status' in identity) refuse(stream, identity)
        else if (this.#isDraining) refuse(stream, restarting)
        else if (!stream.destroyed) this.#open(stream, head, response, socketRequest.vsn, identity)
      }
      const identity = identify(socketRequest, this.#rules)
      if (identity instanceof Promise) void identity.then(open)
      else open(identity)
    }
  }

  #open(stream: Duplex, head: Buffer, response: string, vsn: Vsn, identity: Identity): void {
    // The timeout of an HTTP server is for requests.
    if (stream instanceof Socket) stream.setTimeout(0)
    stream.write(response, 'latin1')
    const connection = new Connection(stream, this.#options[vsn])
    this.#connections += 1
    connection.start(this.#sockets.open(connection, vsn, identity), head)
  }
}

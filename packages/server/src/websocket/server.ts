import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Identity } from '@headcount/core'
import type { Vsn } from '@headcount/protocol'
import { Socket } from '../sockets/socket.js'
import type { Endpoint } from '../sockets/socket-context.js'
import { Connection } from './connection.js'
import { handshake } from './handshake.js'
import { type Refusal, refuse } from './refusal.js'
import { ownerOf, type RequestRules, readRequest, viewerOf } from './request.js'
import { handle, nobody } from './stream-callbacks.js'
import { listenForUpgrades } from './upgrade-listener.js'

/** How long, in ms, a drain waits for clients to say goodbye. */
const goodbye = 2000

/** How long, in seconds, a client that was told goodbye may take to answer, before it is cut off. */
const lastWords = 5

/** All open sockets of this process: takes them, looks after them, sends them away. */
export class WebSockets {
  readonly #endpoint: Endpoint
  readonly #rules: RequestRules
  readonly #sockets = new Set<Socket>()
  /** Connections whose socket has ended and whose clients have still to say goodbye, and how many seconds they have. */
  readonly #leaving = new Map<Connection, number>()
  #draining = false
  #undoWatch: () => void

  constructor(endpoint: Endpoint, rules: RequestRules) {
    this.#endpoint = endpoint
    this.#rules = rules
    this.#undoWatch = this.#eachSecond()
  }

  get size(): number {
    return this.#sockets.size
  }

  get channels(): number {
    let channels = 0
    for (const socket of this.#sockets) channels += socket.channels
    return channels
  }

  /** Takes sockets from an HTTP server beside whatever else it serves. Returns the undo. */
  attach(server: Server): () => void {
    return listenForUpgrades(server, (request, stream, head) => this.#upgrade(request, stream, head))
  }

  /** Takes no more sockets and closes those that are open with 1012, which the stock client takes as "come back". */
  async drain(): Promise<void> {
    this.#draining = true
    this.#undoWatch()
    for (const socket of [...this.#sockets]) socket.close(1012, 'the server restarts')
    const { clock } = this.#endpoint
    const until = clock.now() + goodbye
    while (clock.now() < until && this.#stillLeaving() > 0) {
      await new Promise<void>((resolve) => clock.after(10, resolve))
    }
    for (const connection of this.#leaving.keys()) connection.terminate()
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // Until a connection takes the stream over, what happens to it is ours to survive.
    handle(stream, nobody)
    const asked = readRequest(request, this.#rules.origins)
    if ('status' in asked) refuse(stream, asked)
    else if (asked.token === null) this.#open(request, stream, head, asked.vsn, viewerOf(asked))
    else {
      stream.pause()
      void ownerOf(asked, this.#rules).then((who) => {
        if ('status' in who) refuse(stream, who)
        else this.#open(request, stream, head, asked.vsn, who)
      })
    }
  }

  #open(request: IncomingMessage, stream: Duplex, head: Buffer, vsn: Vsn, who: Identity): void {
    const answer = this.#draining ? restarting : handshake(request)
    if (typeof answer !== 'string') {
      refuse(stream, answer)
      return
    }
    if (stream.destroyed) return
    stream.write(answer, 'latin1')
    const connection = new Connection(stream)
    const socket = new Socket(this.#endpoint, connection, vsn, who, this)
    this.#sockets.add(socket)
    connection.serve(socket, head)
  }

  /** A socket has ended, from either side. */
  gone(socket: Socket): void {
    this.#sockets.delete(socket)
    const connection = socket.wire as Connection
    if (!connection.isClosed) this.#leaving.set(connection, lastWords)
  }

  /** Cuts off whoever takes too long to say goodbye. */
  #hurry(): void {
    this.#stillLeaving()
    for (const [connection, seconds] of this.#leaving) {
      if (seconds === 0) connection.terminate()
      this.#leaving.set(connection, seconds - 1)
    }
  }

  #stillLeaving(): number {
    for (const connection of this.#leaving.keys()) if (connection.isClosed) this.#leaving.delete(connection)
    return this.#leaving.size
  }

  /** One timer for all sockets: those that are silent are closed, those that sent too much are read again. */
  #eachSecond(): () => void {
    const { clock, limits } = this.#endpoint
    return clock.after(1000, () => {
      const since = clock.now() - limits.heartbeat
      for (const socket of this.#sockets) {
        if (socket.heardAt < since) socket.close(1002, `expected a heartbeat within ${limits.heartbeat} ms, got none`)
        else socket.second()
      }
      this.#hurry()
      this.#undoWatch = this.#eachSecond()
    })
  }
}

const restarting: Refusal = { status: 503, code: 'unavailable', message: 'the server restarts' }

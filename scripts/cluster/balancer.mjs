import { createServer, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { markPage } from './page.mjs'

/**
 * @typedef {import('./replica.mjs').Replica} Replica
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {import('node:net').Socket} Socket
 */

/**
 * A small HTTP and WebSocket balancer. Requests go to the replicas that are `up` in turn, sockets to the one of them that
 * has the fewest; where none is up (Redis is away), to one that lives all the same, since it goes on with what it knows. A
 * replica that cannot be reached is passed over. One that has paused or gone loses its connections, so that its clients
 * come back elsewhere.
 */
export class Balancer {
  #replicas
  #crowd
  #own
  #server = createServer((request, response) => this.#handle(request, response))
  /** What is open to each replica. @type {Map<Replica, Set<Socket>>} */
  #open = new Map()
  /** How much of that is sockets of the page. @type {Map<Replica, number>} */
  #sockets = new Map()
  #undos
  /** Whose turn it is among equals. */
  #turn = 0

  /**
   * @param {{ readonly replicas: readonly Replica[], readonly crowd: Replica }} cluster
   * @param {(request: Request, response: Response) => boolean} own Answers what is the balancer's own; false where it is not.
   */
  constructor({ replicas, crowd }, own) {
    this.#replicas = replicas
    this.#crowd = crowd
    this.#own = own
    for (const replica of replicas) this.#open.set(replica, new Set())
    this.#undos = replicas.map((replica) => {
      const look = () => {
        if (replica.state !== 'paused' && replica.state !== 'gone') return
        for (const socket of this.#open.get(replica) ?? []) socket.destroy()
      }
      replica.on('change', look)
      return () => void replica.off('change', look)
    })
    this.#server.on('upgrade', (request, socket, head) => {
      void this.#upgrade(request, /** @type {Socket} */ (socket), head)
    })
  }

  /** @param {number} port @returns {Promise<number>} The port that it listens on. */
  listen(port) {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject)
        resolve(/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port)
      })
    })
  }

  /** Takes no more connections. Those to replicas stay, for the replicas to drain, until `end`. */
  close() {
    this.#server.close()
    this.#server.closeIdleConnections()
  }

  /** Cuts all that is left. */
  end() {
    for (const undo of this.#undos) undo()
    this.#server.closeAllConnections()
    for (const sockets of this.#open.values()) for (const socket of sockets) socket.destroy()
  }

  /** @param {Request} request @param {Response} response */
  #handle(request, response) {
    if (!this.#own(request, response)) void this.#forward(request, response)
  }

  /** @param {Request} request @param {Response} response */
  async #forward(request, response) {
    const reached = await this.#reach(this.#inTurn(request.url ?? '/'))
    if (reached === undefined) return unavailable(response)
    const upstream = reached.socket
    const { method, url: path, rawHeaders } = request
    const headers = pairs(rawHeaders).filter(([name]) => !/^(connection|keep-alive)$/i.test(name))
    const passed = httpRequest({
      method,
      path,
      // One connection a request: the next one may be another replica's.
      headers: [...headers, ['Connection', 'close']].flat(),
      createConnection: () => upstream,
    })
    passed.once('response', (answer) => markPage(request, answer, response))
    passed.on('error', () => (response.headersSent ? response.destroy() : unavailable(response)))
    response.once('close', () => upstream.destroy())
    request.pipe(passed)
  }

  /** @param {Request} request @param {Socket} socket @param {Buffer} head */
  async #upgrade(request, socket, head) {
    socket.on('error', () => socket.destroy())
    const load = (/** @type {Replica} */ replica) => this.#sockets.get(replica) ?? 0
    const fewest = this.#inTurn('').sort((a, b) => load(a) - load(b))
    const reached = await this.#reach(fewest)
    if (reached === undefined || socket.destroyed) {
      reached?.socket.destroy()
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    const { socket: upstream, replica } = reached
    const lines = pairs(request.rawHeaders).map(([name, value]) => `${name}: ${value}`)
    upstream.write([`${request.method} ${request.url} HTTP/1.1`, ...lines, '', ''].join('\r\n'), 'latin1')
    upstream.write(head)
    socket.setNoDelay()
    this.#sockets.set(replica, load(replica) + 1)
    upstream.once('close', () => {
      this.#sockets.set(replica, load(replica) - 1)
      socket.destroy()
    })
    socket.once('close', () => upstream.destroy())
    socket.pipe(upstream).pipe(socket)
  }

  /**
   * @param {readonly Replica[]} candidates Best first.
   * @returns {Promise<{ socket: Socket, replica: Replica } | undefined>} A connection to the first that takes one.
   */
  async #reach(candidates) {
    for (const replica of candidates) {
      const socket = await connected(replica.port)
      if (socket === undefined) continue
      const open = this.#open.get(replica)
      open?.add(socket)
      socket.once('close', () => open?.delete(socket))
      return { socket, replica }
    }
    return undefined
  }

  /** @param {string} path @returns {Replica[]} Who may answer, whose turn it is first. */
  #inTurn(path) {
    // The crowd is one process's: all pages ask and steer the same.
    if (path.startsWith('/demo/crowd')) return [this.#crowd]
    const up = this.#replicas.filter(({ state }) => state === 'up')
    const living = up.length > 0 ? up : this.#replicas.filter(({ state }) => state === 'unready')
    const turn = this.#turn++
    return living.map((_, i) => /** @type {Replica} */ (living[(i + turn) % living.length]))
  }
}

/** @param {number} port @returns {Promise<Socket | undefined>} */
function connected(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('connect', () => resolve(socket)).once('error', () => resolve(undefined))
    socket.on('error', () => socket.destroy())
  })
}

/** @param {readonly string[]} raw @returns {[name: string, value: string][]} */
function pairs(raw) {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? '', raw[2 * i + 1] ?? ''])
}

/** @param {Response} response */
function unavailable(response) {
  const message = 'expected a replica that takes requests, got none'
  response.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '1' })
  response.end(JSON.stringify({ error: { code: 'no_replica', message } }))
}

import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { afterwards } from './clients.js'
import { until } from './live.js'

/** A join that came, and what may be said to it. */
export interface Join {
  readonly socket: WebSocket
  readonly topic: string
  readonly payload: unknown
  reply(status: 'ok' | 'error', response?: object): void
  /** A frame of this join alone: `presence_state`, `phx_close`, `phx_error`. */
  say(event: string, payload: object): void
  /** A frame to the whole topic: `presence_diff`. */
  tell(event: string, payload: object): void
}

/** A server that says what the test says, for what the real one does not: that of the article, and broken ones. */
export class ScriptedServer {
  readonly joins: Join[] = []
  readonly leaves: string[] = []
  readonly #server: WebSocketServer

  private constructor(server: WebSocketServer) {
    this.#server = server
    server.on('connection', (socket) => {
      socket.on('message', (data) => this.#heard(socket, JSON.parse(String(data))))
    })
  }

  static async start(): Promise<ScriptedServer> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await new Promise((listening) => server.once('listening', listening))
    afterwards(() => {
      for (const socket of server.clients) socket.terminate()
      server.close()
    })
    return new ScriptedServer(server)
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/socket`
  }

  /** The n-th join, from 1. */
  async join(n: number): Promise<Join> {
    await until(
      () => this.joins.length >= n,
      () => `${this.joins.length} joins of ${n}`,
    )
    return this.joins[n - 1]!
  }

  #heard(socket: WebSocket, [joinRef, ref, topic, event, payload]: [string, string, string, string, unknown]): void {
    const send = (...frame: unknown[]) => socket.send(JSON.stringify(frame))
    if (event === 'phx_leave') this.leaves.push(topic)
    if (event !== 'phx_join') return
    this.joins.push({
      socket,
      topic,
      payload,
      reply: (status, response = {}) => send(joinRef, ref, topic, 'phx_reply', { status, response }),
      say: (name, body) => send(joinRef, null, topic, name, body),
      tell: (name, body) => send(null, null, topic, name, body),
    })
  }
}

import type { AddressInfo } from 'node:net'
import { until } from '@headcount/tools/live/expectations.mjs'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'

/** A message that the server received. */
export interface Request {
  readonly socket: WebSocket
  readonly topic: string
  readonly event: string
  readonly payload: unknown
  reply(status: 'ok' | 'error', response?: object): void
}

export interface Join extends Request {
  /** Accepts the join and sends its state. */
  accept(counts: object): void
  /** Sends a frame to this channel only: `presence_state`, `phx_close`, `phx_error`. */
  send(event: string, payload: object): void
  /** Sends a frame to the whole topic: `presence_diff`. */
  broadcast(event: string, payload: object): void
}

/** A server that sends only the frames of the test, valid or not. */
export class ScriptedServer {
  readonly joins: Join[] = []
  /** All except joins and heartbeats, which it answers. */
  readonly requests: Request[] = []
  readonly #server: WebSocketServer

  private constructor(server: WebSocketServer) {
    this.#server = server
    server.on('connection', (socket) => {
      socket.on('message', (data) => this.#receive(socket, JSON.parse(String(data))))
    })
  }

  static async start(): Promise<ScriptedServer> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await new Promise((listening) => server.once('listening', listening))
    onTestFinished(() => {
      for (const socket of server.clients) socket.terminate()
      server.close()
    })
    return new ScriptedServer(server)
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/socket`
  }

  /** Waits for the n-th join, from 1. */
  async join(n: number): Promise<Join> {
    await until(() => this.joins.length >= n)
    return this.joins[n - 1]!
  }

  /** Waits until it has received an event a number of times. */
  async request(event: string, times = 1): Promise<Request> {
    const received = () => this.requests.filter((request) => request.event === event)[times - 1]
    await until(received)
    return received()!
  }

  #receive(socket: WebSocket, [joinRef, ref, topic, event, payload]: [string, string, string, string, unknown]): void {
    const send = (...frame: unknown[]) => socket.send(JSON.stringify(frame))
    const request: Request = {
      ...{ socket, topic, event, payload },
      reply: (status, response = {}) => send(joinRef, ref, topic, 'phx_reply', { status, response }),
    }
    if (event === 'heartbeat') {
      request.reply('ok')
      return
    }
    if (event !== 'phx_join') {
      this.requests.push(request)
      return
    }
    const join: Join = {
      ...request,
      accept: (counts) => {
        join.reply('ok')
        join.send('presence_state', counts)
      },
      send: (name, body) => send(joinRef, null, topic, name, body),
      broadcast: (name, body) => send(null, null, topic, name, body),
    }
    this.joins.push(join)
  }
}

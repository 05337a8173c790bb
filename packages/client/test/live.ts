import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Counts } from '@headcount/protocol'
import { createHeadcount, type Headcount, type HeadcountOptions } from '@headcount/server'
import { WebSocket } from 'ws'
import { signToken } from '../../server/src/auth/sign.js'

const secret = 'a secret that only these tests know'

/** What a client frame was: event, topic and payload. */
export interface Heard {
  readonly event: string
  readonly topic: string
  readonly payload: unknown
}

/** A real server on a loopback port, which can stop and come back there, and that remembers what it was asked. */
export class LiveServer {
  #headcount!: Headcount
  #http!: Server
  #port = 0
  readonly #options: HeadcountOptions
  /** Every request for a socket: its params, and the subprotocols that it offered. */
  readonly upgrades: { readonly params: URLSearchParams; readonly protocols: string[] }[] = []

  private constructor(options: HeadcountOptions) {
    this.#options = options
  }

  static async start(options: HeadcountOptions = {}): Promise<LiveServer> {
    const server = new LiveServer({ topics: ['*'], auth: { secret }, ...options })
    await server.resume()
    return server
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/socket`
  }

  counts(topic: string): Promise<Counts> {
    return this.#headcount.counts(topic)
  }

  /** Counts a presence that is no socket, a viewer unless said otherwise. */
  track(topic: string, key: string, group = 'viewers'): void {
    this.#headcount.track(topic, key, { group })
  }

  /** Closes every socket, and answers nobody. */
  async stop(): Promise<void> {
    await this.#headcount.close()
    this.#http.closeAllConnections()
    await new Promise((closed) => this.#http.close(closed))
  }

  /** Comes back on the same port, knowing nobody. */
  async resume(): Promise<void> {
    this.#headcount = createHeadcount(this.#options)
    await this.#headcount.ready
    this.#http = createServer((request, response) => this.#headcount.handle(request, response))
    this.#http.on('upgrade', ({ url, headers }) => {
      const offered = headers['sec-websocket-protocol'] ?? ''
      this.upgrades.push({
        params: new URL(url ?? '', 'http://server').searchParams,
        protocols: offered.split(',').map((name) => name.trim()),
      })
    })
    this.#headcount.attach(this.#http)
    await new Promise<void>((listening) => this.#http.listen(this.#port, '127.0.0.1', listening))
    this.#port = (this.#http.address() as AddressInfo).port
  }
}

export const tokenOf = (user: string, expires = 60_000): Promise<string> => signToken(secret, user, { expires })

/** A `WebSocket` of Node's that remembers the frames sent by it, and can lose its connection. */
export function recordingTransport(): {
  readonly transport: new (url: string, protocols?: string | string[]) => WebSocket
  readonly sent: Heard[]
  readonly sockets: WebSocket[]
} {
  const sent: Heard[] = []
  const sockets: WebSocket[] = []
  class Recording extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols)
      sockets.push(this)
    }
    override send(frame: string): void {
      const [, , topic, event, payload] = JSON.parse(frame)
      sent.push({ event, topic, payload })
      super.send(frame)
    }
  }
  return { transport: Recording, sent, sockets }
}

/** Resolves as soon as `condition` holds, fails with what `shown` gives where that takes longer than `ms`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  shown: () => unknown = () => condition.toString(),
  ms = 8_000,
): Promise<void> {
  const deadline = performance.now() + ms
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`expected a condition within ${ms} ms, got ${JSON.stringify(shown())}`)
    await new Promise((tick) => setTimeout(tick, 5))
  }
}

export const counts = (users: number, viewers: number): Counts => ({
  users: { count: users },
  viewers: { count: viewers },
})

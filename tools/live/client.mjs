import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/**
 * Creates a client that reconnects almost at once and records its frames and sockets. It closes when the test finishes.
 *
 * @template {string} [G='users' | 'viewers']
 * @param {typeof import('@headcount/client').createClient} createClient
 * @param {string} url
 * @param {Partial<import('@headcount/client').ClientOptions<G>>} [options]
 */
export function openClient(createClient, url, options = {}) {
  /** @type {{ event: string, topic: string, payload: unknown }[]} */
  const sent = []
  /** @type {WebSocket[]} */
  const sockets = []
  /** The params and the offered subprotocols of each connection that opened. */
  const connections = /** @type {{ params: URLSearchParams, protocols: string[] }[]} */ ([])
  class RecordingSocket extends WebSocket {
    /** @param {string} url @param {string | string[]} [protocols] */
    constructor(url, protocols) {
      super(url, protocols)
      sockets.push(this)
      const connection = { params: new URL(url).searchParams, protocols: [protocols ?? []].flat() }
      this.once('open', () => connections.push(connection))
    }
    /** @override @param {string} frame */
    send(frame) {
      const [, , topic, event, payload] = JSON.parse(frame)
      sent.push({ event, topic, payload })
      super.send(frame)
    }
  }
  const socket = { transport: RecordingSocket, ...options.socket }
  const client = createClient({ url, linger: 50, random: () => 0.01, ...options, socket })
  onTestFinished(() => client.close())
  return { client, sent, sockets, connections }
}

/**
 * Subscribes, and records every snapshot that was shown.
 *
 * @template {string} G
 * @param {import('@headcount/client').TopicStore<G>} store
 */
export function record(store) {
  /** @type {import('@headcount/client').TopicSnapshot<G>[]} */
  const shown = []
  return { shown, unsubscribe: store.subscribe(() => shown.push(store.get())) }
}

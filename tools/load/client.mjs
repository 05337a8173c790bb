import { Connection, upgradeRequest } from './connection.mjs'
import { PollConnection } from './poll-connection.mjs'
import { PresenceCounts } from './presence-counts.mjs'
import { protocols } from './protocols.mjs'
import { now } from './time.mjs'

/**
 * @typedef {object} ClientOptions
 * @property {string} url The server, `ws://127.0.0.1:4000`; a path such as `/live` replaces `/socket`.
 * @property {string} topic
 * @property {number | undefined} [number] Its number among others.
 * @property {import('./protocols.mjs').ProtocolName | undefined} [protocol] `phoenix` by default.
 * @property {1 | 2} [vsn] Of Phoenix's protocol; 2 by default.
 * @property {string | undefined} [clientId]
 * @property {string | undefined} [token] A user's token, sent like the stock client's `authToken`.
 * @property {string | undefined} [localAddress]
 * @property {number[] | undefined} [trace] If present, each change of the total adds its time and the new total.
 * @property {ClientListener} [listener]
 *
 * @typedef {object} ClientListener Called by one or many clients.
 * @property {(client: LoadClient) => void} [counted] Its total changed.
 * @property {(client: LoadClient, event: string) => void} [channelClosed] The server closed the channel, not the
 *   socket.
 * @property {(client: LoadClient, reason: string) => void} [closed] The connection failed, or the server ended it:
 * `ECONNREFUSED`, `status 503`, `code 1001`, `connection lost`.
 *
 * @typedef {{ status?: string, response?: any } | undefined} Reply Undefined: the connection ended first.
 */

/**
 * A client over raw TCP: one connection at a time, one topic at a time. It does nothing by itself: it sends no
 * heartbeat, does not rejoin and does not reconnect. `url`, `topic` and `token` may be set before each connection.
 */
export class LoadClient {
  /** The sum of the counts that it shows; -1 until the first ones after a join. */
  total = -1
  /** The shown counts by group, over all its connections (Phoenix only). */
  presence = new PresenceCounts()
  /** Frames received, their bytes, and how often `total` changed, over all its connections. */
  frames = 0
  bytes = 0
  changes = 0
  /** When it last began to connect, in ms of `now`. */
  connectedAt = 0
  /** Whether the connection is ready to join topics. */
  open = false
  /** The ref of its join. @type {string | null} */
  joinRef = null
  /** @type {Connection | PollConnection | undefined} */
  #connection
  #ref = 0
  /** @type {Map<string | null, (reply: Reply) => void>} */
  #replies = new Map()
  #onReady = (/** @type {boolean} */ _) => {}
  #protocol
  #localAddress

  /** @param {ClientOptions} options */
  constructor({ url, topic, number = 0, protocol = 'phoenix', vsn = 2, clientId, token, ...options }) {
    this.url = url
    this.topic = topic
    this.number = number
    this.vsn = vsn
    this.clientId = clientId
    this.token = token
    this.trace = options.trace
    this.listener = options.listener ?? {}
    this.#protocol = protocols[protocol]
    this.#localAddress = options.localAddress
  }

  /**
   * Opens a new connection; the last one must have ended.
   * @returns {Promise<boolean>} whether it became ready; false if it was refused or ended first.
   */
  connect() {
    this.connectedAt = now()
    const url = new URL(this.url)
    const path = this.#protocol.path(url, this)
    if (this.#protocol.polls) this.#connection = new PollConnection(url, path ?? '', this.#localAddress, this.#events)
    else {
      const request = path === undefined ? undefined : upgradeRequest(path, url.host, this.token)
      this.#connection = new Connection(url, request, this.#localAddress, this.#events, this.#protocol.read)
    }
    return new Promise((resolve) => {
      this.#onReady = resolve
    })
  }

  /** Joins its topic, or another one, which it then counts. @param {object} [payload] @param {string} [topic] */
  join(payload = {}, topic = this.topic) {
    if (topic !== this.topic) this.presence = Object.assign(new PresenceCounts(), { faults: this.presence.faults })
    this.topic = topic
    this.total = -1
    this.joinRef = String(this.#ref + 1)
    return this.#push('phx_join', payload)
  }

  leave() {
    const reply = this.#push('phx_leave', {})
    this.joinRef = null
    return reply
  }

  /** Once it is answered, the server has handled all earlier frames. */
  heartbeat() {
    return this.#push('heartbeat', {})
  }

  /** Ends the connection like a closed tab; resolves when its stream is closed. */
  async close() {
    await this.#detach()?.close()
  }

  /** Ends the connection at once, without a close frame. */
  drop() {
    this.#detach()?.drop()
  }

  /** Ends the connection with a TCP reset. */
  reset() {
    this.#detach()?.reset()
  }

  /** For protocols: topics may be joined now. */
  ready() {
    this.open = true
    this.#onReady(true)
  }

  /** For protocols. @param {string | null} ref of the push. @param {Reply} reply */
  replied(ref, reply) {
    this.#replies.get(ref)?.(reply)
    this.#replies.delete(ref)
  }

  /** @type {import('./connection.mjs').ConnectionListener} */
  #events = {
    upgraded: () => {
      if (!this.#protocol.greets) this.ready()
    },
    frame: (size) => {
      this.frames++
      this.bytes += size
    },
    text: (bytes, start, end) => {
      const before = this.total
      try {
        const answer = this.#protocol.text(this, bytes, start, end)
        if (answer !== undefined) this.#connection?.write(answer)
      } catch {
        return this.#lose('a frame that could not be read')
      }
      if (this.total === before) return
      this.changes++
      this.trace?.push(now(), this.total)
      this.listener.counted?.(this)
    },
    ended: (reason) => this.#lose(reason),
  }

  /** @param {string} reason */
  #lose(reason) {
    this.drop()
    this.listener.closed?.(this, reason)
  }

  /** @param {string} event @param {object} payload @returns {Promise<Reply>} */
  #push(event, payload) {
    const ref = String(++this.#ref)
    const frame = this.#protocol.push(this, event, payload, ref)
    if (this.#connection === undefined) return Promise.resolve(undefined)
    if (frame !== undefined) this.#connection.write(frame)
    if (!this.#protocol.replies.includes(event)) return Promise.resolve({ status: 'ok' })
    return new Promise((resolve) => this.#replies.set(ref, resolve))
  }

  #detach() {
    const connection = this.#connection
    this.#connection = undefined
    this.open = false
    this.total = -1
    this.joinRef = null
    this.#onReady(false)
    for (const resolve of this.#replies.values()) resolve(undefined)
    this.#replies.clear()
    return connection
  }
}

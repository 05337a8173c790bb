import { Connection } from './connection.mjs'
import { PresenceCounts } from './presence-counts.mjs'
import { protocols } from './protocols/protocol.mjs'
import { now } from './time.mjs'

/**
 * @typedef {object} ClientOptions
 * @property {string} url The server, `ws://127.0.0.1:4000`; a path such as `/live` stands in place of `/socket`.
 * @property {string} topic
 * @property {number | undefined} [number] Its number among others.
 * @property {import('./protocols/protocol.mjs').ProtocolName} [protocol] `phoenix` unless given.
 * @property {1 | 2} [vsn] Of Phoenix's protocol; 2 unless given.
 * @property {string | undefined} [clientId]
 * @property {string | undefined} [token] A user's token, sent where the stock client puts its `authToken`. May be set before each connection.
 * @property {string | undefined} [localAddress]
 * @property {ClientListener} [listener]
 *
 * @typedef {object} ClientListener What a client reports, for many clients at once.
 * @property {(client: LoadClient) => void} [joined] It got its first counts since it asked to join.
 * @property {(client: LoadClient) => void} [counted] Its total changed.
 * @property {(client: LoadClient, event: string) => void} [channelClosed] The server closed the channel, not the socket.
 * @property {(client: LoadClient, reason: string) => void} [closed] The connection failed or ended, and the client did not
 *   end it: `ECONNREFUSED`, `status 503`, `code 1001`.
 *
 * @typedef {{ status?: string, response?: any }} Reply
 */

/**
 * A client over raw TCP: one connection at a time, one topic at a time. It does nothing by itself: it sends no heartbeat,
 * does not rejoin and does not reconnect.
 */
export class LoadClient {
  /** The sum of the counts that it shows; -1 until the first ones after a join. */
  total = -1
  /** What it shows by group, over all its connections (Phoenix only). */
  presence = new PresenceCounts()
  /** Frames and their bytes, over all its connections. */
  frames = 0
  bytes = 0
  /** How often `total` changed. */
  changes = 0
  /** When it last began to connect, and last sent a frame, in ms of `now`. */
  connectedAt = 0
  sentAt = 0
  /** Whether the connection is ready to join topics. */
  open = false
  /** The ref of its join. @type {string | null} */
  joinRef = null
  /** Where it is an array: when `total` changed and to what, in turn. @type {number[] | undefined} */
  trace
  /** @type {Connection | undefined} */
  #connection
  #ref = 0
  /** @type {Map<string, (reply: Reply | undefined) => void>} */
  #replies = new Map()
  #onReady = (/** @type {boolean} */ _) => {}
  #protocol
  #localAddress

  /** @param {ClientOptions} options */
  constructor({ url, topic, number = 0, protocol = 'phoenix', vsn = 2, clientId, token, localAddress, listener = {} }) {
    this.url = url
    this.topic = topic
    this.number = number
    this.vsn = vsn
    this.clientId = clientId
    this.token = token
    this.listener = listener
    this.#protocol = protocols[protocol]
    this.#localAddress = localAddress
  }

  /**
   * Opens a new connection; the last one must have ended.
   *
   * @returns {Promise<boolean>} whether it became ready; false where it was refused or ended first.
   */
  connect() {
    this.total = -1
    this.joinRef = null
    this.connectedAt = now()
    const url = new URL(this.url)
    this.#connection = new Connection({
      url,
      path: this.#protocol.path(url, this),
      token: this.token,
      localAddress: this.#localAddress,
      listener: this.#events,
    })
    return new Promise((resolve) => {
      this.#onReady = resolve
    })
  }

  /**
   * Joins its topic, or moves to another one that it then counts.
   *
   * @param {object} [payload]
   * @param {string} [topic]
   * @returns {Promise<Reply | undefined>} undefined where the connection ended first.
   */
  join(payload = {}, topic = this.topic) {
    if (topic !== this.topic) {
      const { faults } = this.presence
      this.presence = new PresenceCounts()
      this.presence.faults.push(...faults)
    }
    this.topic = topic
    this.total = -1
    this.joinRef = String(this.#ref + 1)
    return this.#push('phx_join', payload)
  }

  /** @returns {Promise<Reply | undefined>} undefined where the connection ended first. */
  leave() {
    return this.#push('phx_leave', {})
  }

  /**
   * Once it is answered, the server has handled all that was sent before.
   *
   * @returns {Promise<Reply | undefined>} undefined where the connection ended first.
   */
  heartbeat() {
    return this.#protocol.replies ? this.#push('heartbeat', {}) : Promise.resolve({})
  }

  /** Ends the connection as a closed tab does; resolves when its stream is closed. */
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

  /** Called by protocols: topics may be joined from now on. */
  ready() {
    this.open = true
    this.#onReady(true)
  }

  /**
   * Called by protocols with the reply to a push.
   *
   * @param {string} ref
   * @param {Reply} reply
   */
  replied(ref, reply) {
    this.#replies.get(ref)?.(reply)
    this.#replies.delete(ref)
  }

  /** @type {import('./connection.mjs').ConnectionListener} */
  #events = {
    upgraded: () => {
      if (!this.#protocol.greets) this.ready()
    },
    frame: (_, size) => {
      this.frames++
      this.bytes += size
    },
    text: (_, bytes, start, end) => {
      const before = this.total
      let answer
      try {
        answer = this.#protocol.text(this, bytes, start, end)
      } catch {
        return this.#lose('a frame that could not be read')
      }
      if (answer !== undefined) this.#send(answer)
      if (this.total === before) return
      this.changes++
      this.trace?.push(now(), this.total)
      this.listener.counted?.(this)
      if (before < 0) this.listener.joined?.(this)
    },
    ended: (_, reason) => this.#lose(reason),
  }

  /** @param {string} reason */
  #lose(reason) {
    this.drop()
    this.listener.closed?.(this, reason)
  }

  /**
   * @param {string} event
   * @param {object} payload
   * @returns {Promise<Reply | undefined>}
   */
  #push(event, payload) {
    const ref = String(++this.#ref)
    this.#send(this.#protocol.push(this, event, payload, ref))
    if (!this.#protocol.replies) return Promise.resolve({})
    if (this.#connection === undefined) return Promise.resolve(undefined)
    return new Promise((resolve) => this.#replies.set(ref, resolve))
  }

  /** @param {Buffer} frame */
  #send(frame) {
    this.sentAt = now()
    this.#connection?.write(frame)
  }

  #detach() {
    const connection = this.#connection
    this.#connection = undefined
    this.open = false
    this.total = -1
    this.#onReady(false)
    for (const resolve of this.#replies.values()) resolve(undefined)
    this.#replies.clear()
    return connection
  }
}

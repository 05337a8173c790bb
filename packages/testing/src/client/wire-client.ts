import type { Socket } from 'node:net'
import type { Counts, Ref } from '@headcount/protocol'
import WebSocket from 'ws'
import { type UntilOptions, until } from '../until.js'
import { decode, encode, type Frame } from './frame.js'
import { ShownCounts } from './shown-counts.js'
import { UpgradeRefused } from './upgrade-refused.js'

export interface WireClientOptions {
  /** 2 by default. A string is sent unchanged; null sends none. */
  readonly vsn?: 1 | 2 | string | null
  /** A user's token, as the socket param `token`. */
  readonly token?: string | undefined
  /** The socket param `client_id`. */
  readonly clientId?: string | undefined
  /** Other socket params. */
  readonly params?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** False leaves pings of the server unanswered. True by default. */
  readonly autoPong?: boolean
  /** Offered subprotocols. */
  readonly protocols?: readonly string[]
  /** False: `received` stays empty, for tests with thousands of clients or long-lived ones. True by default. */
  readonly keep?: boolean
}

/** How a connection was closed. */
export interface Closed {
  readonly code: number
  readonly reason: string
}

/** How many replies a client with `keep: false` remembers. */
const maxReplies = 16

/**
 * A Phoenix client over a real WebSocket. It does nothing by itself: no heartbeat, no rejoin. It records every received
 * frame, and for each topic the counts that a page shows (`ShownCounts`).
 */
export class WireClient {
  /** All received frames in order; empty with `keep: false`. */
  readonly received: Frame[] = []
  /** Resolves when the connection is closed. */
  readonly closed: Promise<Closed>
  /** Undefined while the connection is open. */
  closedWith: Closed | undefined
  readonly vsn: 1 | 2
  readonly #topics = new Map<string, ShownCounts>()
  readonly #replies = new Map<Ref, Frame>()
  readonly #joinRefs = new Map<string, string>()
  readonly #keep: boolean
  #ref = 0

  private constructor(
    readonly socket: WebSocket,
    /** The TCP connection. */
    readonly stream: Socket,
    { vsn = 2, keep = true }: WireClientOptions,
  ) {
    this.#keep = keep
    this.vsn = vsn === null || String(vsn).startsWith('1') ? 1 : 2
    socket.on('message', (data) => this.#receive(decode(String(data))))
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.closedWith = { code, reason: String(reason) }
        resolve(this.closedWith)
      })
    })
  }

  /**
   * Opens a socket at the server `http://host:port`, under `/socket` unless the URL has another path.
   * @throws {UpgradeRefused}
   */
  static open(url: string, options: WireClientOptions = {}): Promise<WireClient> {
    const socket = new WebSocket(socketUrl(url, options), [...(options.protocols ?? [])], {
      headers: options.headers ?? {},
      perMessageDeflate: false,
      autoPong: options.autoPong ?? true,
    })
    return new Promise((resolve, reject) => {
      socket.once('upgrade', (response) => resolve(new WireClient(socket, response.socket, options)))
      socket.once('unexpected-response', (_, response) => void UpgradeRefused.from(response).then(reject))
      // After the upgrade, an error is followed by the close event.
      socket.on('error', reject)
    })
  }

  sendText(text: string): void {
    this.socket.send(text)
  }

  /** Pushes an event; @returns its ref. */
  push(topic: string, event: string, payload: unknown = {}, joinRef = this.#joinRefs.get(topic) ?? null): string {
    const ref = String(++this.#ref)
    this.sendText(encode(this.vsn, { joinRef, ref, topic, event, payload }))
    return ref
  }

  /** Sends a join; @returns its ref, which is also its join_ref. */
  sendJoin(topic: string, payload: unknown = {}): string {
    this.#joinRefs.set(topic, String(this.#ref + 1))
    return this.push(topic, 'phx_join', payload)
  }

  /** Joins, and waits for the reply. */
  join(topic: string, payload: unknown = {}): Promise<Frame> {
    return this.reply(this.sendJoin(topic, payload))
  }

  /** Joins, and waits for the state. */
  async enter(topic: string, payload: unknown = {}): Promise<this> {
    const before = this.#counts(topic).states
    await this.join(topic, payload)
    await until(`a state of ${topic}`, () => this.#counts(topic).states > before, { got: () => this.#last() })
    return this
  }

  leave(topic: string): Promise<Frame> {
    return this.reply(this.push(topic, 'phx_leave'))
  }

  /** Sends a heartbeat. Its reply proves that the server has handled everything that was sent before. */
  heartbeat(): Promise<Frame> {
    return this.reply(this.push('phoenix', 'heartbeat', {}, null))
  }

  /** The reply to the push with this ref. */
  reply(ref: string, options: UntilOptions = {}): Promise<Frame> {
    return until(`a reply to ${ref}`, () => this.#replies.get(ref), { got: () => this.#last(), ...options })
  }

  /** The counts shown for a topic; undefined before its first state. */
  shown(topic: string): Counts | undefined {
    return this.#topics.get(topic)?.counts
  }

  /** Waits until these counts are shown. */
  async shows(topic: string, users: number, viewers: number, options: UntilOptions = {}): Promise<void> {
    const right = () => {
      const counts = this.shown(topic)
      return counts?.users.count === users && counts.viewers.count === viewers
    }
    const got = () => this.shown(topic) ?? 'no state'
    await until(`${users} users and ${viewers} viewers in ${topic}`, right, { got, ...options })
  }

  /** How many diffs of a topic were received. */
  diffs(topic: string): number {
    return this.#counts(topic).diffs
  }

  /** Violations of exactness, in any topic. */
  get faults(): readonly string[] {
    return [...this.#topics.values()].flatMap(({ faults }) => faults)
  }

  events(topic: string, event: string): Frame[] {
    return this.received.filter((frame) => frame.topic === topic && frame.event === event)
  }

  /** Sends a close frame, and waits for the connection to close. */
  close(): Promise<Closed> {
    this.socket.close()
    return this.closed
  }

  /** Destroys the TCP connection without a close frame. */
  drop(): void {
    this.stream.destroy()
  }

  #receive(frame: Frame): void {
    if (this.#keep) this.received.push(frame)
    if (frame.event === 'phx_reply') this.#keepReply(frame)
    this.#counts(frame.topic).apply(frame.event, frame.payload)
  }

  #keepReply(frame: Frame): void {
    this.#replies.set(frame.ref, frame)
    const [oldest] = this.#replies.keys()
    if (!this.#keep && this.#replies.size > maxReplies) this.#replies.delete(oldest!)
  }

  #counts(topic: string): ShownCounts {
    const counts = this.#topics.get(topic) ?? new ShownCounts()
    this.#topics.set(topic, counts)
    return counts
  }

  #last(): unknown {
    return this.closedWith ?? this.received.at(-1) ?? 'nothing'
  }
}

function socketUrl(url: string, { vsn = 2, token, clientId, params }: WireClientOptions): string {
  const query = new URLSearchParams(params)
  if (token !== undefined) query.set('token', token)
  if (clientId !== undefined) query.set('client_id', clientId)
  if (vsn !== null) query.set('vsn', typeof vsn === 'number' ? `${vsn}.0.0` : vsn)
  const { origin, pathname } = new URL(url.replace(/^http/, 'ws'))
  const path = pathname.replace(/\/(websocket)?$/, '') || '/socket'
  return `${origin}${path}/websocket?${query}`
}

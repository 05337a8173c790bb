import type { Socket } from 'node:net'
import type { Counts } from '@headcount/protocol'
import WebSocket from 'ws'
import { Shown } from '../article/shown.js'
import { type UntilOptions, until } from '../until.js'
import { type Heard, read, write } from './frame.js'
import { UpgradeRefused } from './refused.js'

export interface WireClientOptions {
  /** 2 unless given. A string is sent as it is, null sends none. */
  readonly vsn?: 1 | 2 | string | null
  /** A user's token, as the socket param. */
  readonly token?: string | undefined
  /** The param `client_id`. */
  readonly clientId?: string | undefined
  /** Further socket params. */
  readonly params?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** Offered subprotocols. */
  readonly protocols?: readonly string[]
  /** False where there are thousands of clients, or they live long: `heard` is left empty. True unless given. */
  readonly keep?: boolean
}

/** How a connection ended. */
export interface Closed {
  readonly code: number
  readonly reason: string
}

/** How many answers a client holds that keeps nothing. */
const newest = 16

/**
 * A client that does what it is told and nothing by itself: no heartbeat, no rejoin. It keeps every frame it heard,
 * and shows of each topic what the article's reducer shows.
 */
export class WireClient {
  /** Everything heard, in order; nothing where the client does not keep it. */
  readonly heard: Heard[] = []
  /** How it ended; pending while it is open. */
  readonly closed: Promise<Closed>
  /** How it ended, or undefined while it is open. */
  end: Closed | undefined
  /** Whether frames are written as version 1 or 2. */
  readonly vsn: 1 | 2
  readonly #shown = new Map<string, Shown>()
  readonly #replies = new Map<Heard['ref'], Heard>()
  readonly #joinRefs = new Map<string, string>()
  readonly #keep: boolean
  #ref = 0

  private constructor(
    readonly socket: WebSocket,
    /** The TCP connection beneath. */
    readonly stream: Socket,
    { vsn = 2, keep = true }: WireClientOptions,
  ) {
    this.#keep = keep
    this.vsn = vsn === null || String(vsn).startsWith('1') ? 1 : 2
    socket.on('message', (data) => this.#hear(String(data)))
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.end = { code, reason: String(reason) }
        resolve(this.end)
      })
    })
  }

  /**
   * Opens a socket at the server `http://host:port`.
   * @throws {UpgradeRefused} where the server answers with something else.
   */
  static open(url: string, options: WireClientOptions = {}): Promise<WireClient> {
    const socket = new WebSocket(socketUrl(url, options), [...(options.protocols ?? [])], {
      headers: options.headers ?? {},
      perMessageDeflate: false,
    })
    return new Promise((resolve, reject) => {
      socket.once('upgrade', (response) => resolve(new WireClient(socket, response.socket, options)))
      socket.once('unexpected-response', (_, response) => void UpgradeRefused.from(response).then(reject))
      // After the upgrade, what goes wrong ends in a close.
      socket.on('error', reject)
    })
  }

  /** Writes text as one frame, whatever it is. */
  sendText(text: string): void {
    this.socket.send(text)
  }

  /** Pushes an event; @returns its ref. */
  push(topic: string, event: string, payload: unknown = {}, joinRef = this.#joinRefs.get(topic) ?? null): string {
    const ref = String(++this.#ref)
    this.sendText(write(this.vsn, joinRef, ref, topic, event, payload))
    return ref
  }

  /** Sends a join; @returns its ref, which is the join_ref too. */
  sendJoin(topic: string, payload: unknown = {}): string {
    const ref = String(this.#ref + 1)
    this.#joinRefs.set(topic, ref)
    return this.push(topic, 'phx_join', payload)
  }

  /** Joins, and waits for the answer. */
  join(topic: string, payload: unknown = {}): Promise<Heard> {
    return this.answer(this.sendJoin(topic, payload))
  }

  /** Joins, and waits for the state. */
  async enter(topic: string, payload: unknown = {}): Promise<this> {
    const before = this.#of(topic).states
    await this.join(topic, payload)
    await until(`a state of ${topic}`, () => this.#of(topic).states > before, { got: () => this.#last() })
    return this
  }

  leave(topic: string): Promise<Heard> {
    return this.answer(this.push(topic, 'phx_leave'))
  }

  /** A heartbeat; once it is answered, the server has handled everything that was sent before. */
  heartbeat(): Promise<Heard> {
    return this.answer(this.push('phoenix', 'heartbeat', {}, null))
  }

  /** The reply to a push. */
  answer(ref: string, options: UntilOptions = {}): Promise<Heard> {
    return until(`a reply to ${ref}`, () => this.#replies.get(ref), { got: () => this.#last(), ...options })
  }

  /** What the article's reducer shows of a topic; undefined until its first state. */
  shown(topic: string): Counts | undefined {
    return this.#shown.get(topic)?.counts
  }

  /** Waits until it shows so many users and viewers. */
  async shows(topic: string, users: number, viewers: number, options: UntilOptions = {}): Promise<void> {
    const right = () => {
      const counts = this.shown(topic)
      return counts?.users.count === users && counts.viewers.count === viewers
    }
    await until(`${users} users and ${viewers} viewers in ${topic}`, right, {
      got: () => this.shown(topic) ?? 'no state',
      ...options,
    })
  }

  /** Breaches of exactness that it saw, in any topic. */
  get faults(): readonly string[] {
    return [...this.#shown.values()].flatMap((shown) => shown.faults)
  }

  /** The frames heard of one kind of event, in a topic. */
  of(topic: string, event: string): Heard[] {
    return this.heard.filter((each) => each.topic === topic && each.event === event)
  }

  /** Says goodbye, and waits for the server's. */
  close(): Promise<Closed> {
    this.socket.close()
    return this.closed
  }

  /** Cuts the TCP connection without a word. */
  drop(): void {
    this.stream.destroy()
  }

  #hear(text: string): void {
    const heard = read(text)
    if (this.#keep) this.heard.push(heard)
    if (heard.event === 'phx_reply') this.#hearReply(heard)
    this.#of(heard.topic).take(heard.event, heard.payload)
  }

  #hearReply(heard: Heard): void {
    this.#replies.set(heard.ref, heard)
    const [oldest] = this.#replies.keys()
    if (!this.#keep && this.#replies.size > newest) this.#replies.delete(oldest!)
  }

  #of(topic: string): Shown {
    const shown = this.#shown.get(topic) ?? new Shown()
    this.#shown.set(topic, shown)
    return shown
  }

  #last(): unknown {
    return this.end ?? this.heard.at(-1) ?? 'nothing'
  }
}

/** Where a client opens its socket. */
export function socketUrl(url: string, options: WireClientOptions): string {
  const { vsn = 2, token, clientId, params } = options
  const query = new URLSearchParams(params)
  if (token !== undefined) query.set('token', token)
  if (clientId !== undefined) query.set('client_id', clientId)
  if (vsn !== null) query.set('vsn', typeof vsn === 'number' ? `${vsn}.0.0` : vsn)
  return `${url.replace(/^http/, 'ws')}/socket/websocket?${query}`
}

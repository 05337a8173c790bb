import { applyDiff, type Counts, type Diff, type Vsn } from '@headcount/protocol'
import type { Session } from '../sockets/session.js'
import type { Socket } from '../sockets/socket.js'
import type { Sockets } from '../sockets/sockets.js'
import type { Transport } from '../sockets/transport.js'

/** A message that a client received, from either protocol version. */
export interface Received {
  readonly joinRef?: unknown
  readonly ref: unknown
  readonly topic: string
  readonly event: string
  readonly payload: unknown
}

/**
 * A client on an in-memory transport. It computes counts as the reducer of the 2018 article "Display channel users
 * count with Elixir/Phoenix + React/Redux" does: a state replaces them, a diff adds its joins and subtracts its leaves.
 */
export class FakeClient implements Transport {
  readonly socket: Socket
  readonly received: Received[] = []
  /** The computed counts, by topic. */
  readonly counts = new Map<string, Counts>()
  /** Diffs after which the counts were negative, or differed from the counts in the diff. */
  readonly wrongDiffs: Received[] = []
  closedWith: { code: number; reason: string } | undefined
  isPaused = false
  pings = 0
  /** How many times the server has sent texts. */
  writes = 0
  backlog = 0
  #unread: string[] | undefined
  #onDrained: (() => void)[] = []
  /** Topic -> join_ref of the newest join. As in the stock client, messages with another are ignored. */
  readonly #joinRefs = new Map<string, string>()
  #ref = 0
  /** Sent by this client, not yet delivered. */
  readonly #sent: string[] = []

  constructor(
    sockets: Sockets,
    session: Session,
    readonly vsn: Vsn,
    address: string | null = null,
  ) {
    this.socket = sockets.open(this, { vsn, session, address })
  }

  /** Sends a message. Returns its ref. */
  push(topic: string, event: string, payload: unknown = {}, joinRef: string | null = null): string {
    const ref = String(++this.#ref)
    const message =
      this.vsn === 2 ? [joinRef, ref, topic, event, payload] : { topic, event, payload, ref, join_ref: joinRef }
    this.#sent.push(JSON.stringify(message))
    this.#deliver()
    return ref
  }

  join(topic: string, payload: unknown = {}): string {
    const joinRef = String(this.#ref + 1)
    this.#joinRefs.set(topic, joinRef)
    return this.push(topic, 'phx_join', payload, joinRef)
  }

  leave(topic: string): string {
    this.counts.delete(topic)
    this.#joinRefs.delete(topic)
    return this.push(topic, 'phx_leave')
  }

  /** Loses the connection. */
  disconnect(): void {
    this.counts.clear()
    this.socket.closed(1006)
  }

  /** Stops reading: texts from the server are queued. */
  stall(): void {
    this.#unread ??= []
  }

  /** Reads again, first the queued texts. */
  unstall(): void {
    const unread = this.#unread ?? []
    this.#unread = undefined
    this.backlog = 0
    for (const text of unread) this.#read(text)
    const callbacks = this.#onDrained
    this.#onDrained = []
    for (const callback of callbacks) callback()
  }

  get isStalled(): boolean {
    return this.#unread !== undefined
  }

  events(event: string): Received[] {
    return this.received.filter((message) => message.event === event)
  }

  /** The received messages as `event ref`, without the diffs. */
  get replies(): string[] {
    return this.received.filter(({ event }) => event !== 'presence_diff').map(({ event, ref }) => `${event} ${ref}`)
  }

  send(texts: readonly string[]): void {
    if (this.closedWith !== undefined) return
    this.writes += 1
    for (const text of texts) {
      if (this.#unread === undefined) this.#read(text)
      else {
        this.#unread.push(text)
        this.backlog += text.length
      }
    }
  }

  onceDrained(callback: () => void): void {
    this.#onDrained.push(callback)
  }

  ping(): void {
    this.pings += 1
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
    this.#deliver()
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason }
  }

  #deliver(): void {
    while (!this.isPaused && this.#sent.length > 0) {
      const text = this.#sent.shift()!
      this.socket.received(text.length)
      this.socket.frame()
      this.socket.message(text)
    }
  }

  #read(text: string): void {
    const message = JSON.parse(text)
    const [joinRef, ref, topic, event, payload] = Array.isArray(message)
      ? message
      : [undefined, message.ref, message.topic, message.event, message.payload]
    this.received.push({ joinRef, ref, topic, event, payload })
    const current = this.#joinRefs.get(topic)
    if (current === undefined || (typeof joinRef === 'string' && joinRef !== current)) return
    if (event === 'presence_state') this.counts.set(topic, payload as Counts)
    const before = this.counts.get(topic)
    if (event !== 'presence_diff' || before === undefined) return
    const diff = payload as Diff
    const after = applyDiff(before, { joins: diff.joins, leaves: diff.leaves })
    this.counts.set(topic, after)
    // Joins and leaves have no `below`.
    const isWrong = ({ counts = after }: Diff): boolean =>
      (['users', 'viewers'] as const).some((group) => {
        return after[group].count < 0 || after[group].count !== counts[group].count
      })
    if (isWrong(diff)) this.wrongDiffs.push(this.received.at(-1)!)
  }
}

import type { Vsn } from '@headcount/protocol'
import { maxBacklogOf } from '../sockets/limits.js'
import type { Opening } from '../sockets/socket.js'
import type { Sockets } from '../sockets/sockets.js'
import { gone, type PollAnswer, type Push, type PushStatus } from './answer.js'
import { ExpiryQueue } from './expiry-queue.js'
import { PollConnection, type PollConnectionOptions, type PollState } from './poll-connection.js'
import { QuotedText } from './quoted-text.js'
import { RelayedRequests } from './relayed-requests.js'
import { type SessionToken, sameKey } from './session-token.js'

/** The stock client sends at most a hundred messages in a POST; few are longer than this share of the longest. */
const maxPushFactor = 8

/** How long, in ms, after an answer the next poll may be in transit. */
const roundTrip = 2_000

/** How often, in ms, due polls and sessions are checked. */
const tick = 100

/** The sessions of pollers. */
export class LongPolls {
  readonly #sessions = new Map<string, PollConnection>()
  readonly #queues: Readonly<Record<PollState, ExpiryQueue<PollConnection>>>
  /** By protocol version, because a broadcast sends one text to each. */
  readonly #options: Readonly<Record<Vsn, PollConnectionOptions>>
  readonly #relayed: RelayedRequests
  #isTicking = false

  constructor(private readonly sockets: Sockets) {
    const { limits, metrics, replica } = sockets.context
    const { pollWindow, pollMargin } = limits
    this.#queues = {
      waiting: new ExpiryQueue(pollWindow),
      idle: new ExpiryQueue(pollWindow + pollMargin),
      abandoned: new ExpiryQueue(pollMargin),
    }
    const shared = {
      maxPushBytes: this.maxPushBytes,
      maxMessageBytes: limits.frameBytes,
      maxBacklogBytes: maxBacklogOf(limits),
      metrics,
      changed: (connection: PollConnection, state: PollState) => this.#changed(connection, state),
      ended: (connection: PollConnection) => this.#ended(connection),
    }
    this.#options = { 1: { ...shared, quoted: new QuotedText() }, 2: { ...shared, quoted: new QuotedText() } }
    this.#relayed = new RelayedRequests({
      ...{ requests: replica.requests, maxWaiting: limits.idlePollers },
      answerTimeout: pollWindow + pollMargin,
      find: (session) => this.#sessions.get(session),
    })
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Longest body, in bytes, of a POST. */
  get maxPushBytes(): number {
    return this.sockets.context.limits.frameBytes * maxPushFactor
  }

  /** Opens a session. @param closed called when it ends. */
  open(opening: Opening, closed: () => void): SessionToken {
    const connection = new PollConnection(this.#options[opening.vsn], closed)
    this.#sessions.set(connection.names.session, connection)
    connection.start(this.sockets.open(connection, opening))
    return { ...connection.names, replica: this.sockets.context.replica.id, sequence: 0 }
  }

  /** Never rejects. @param signal aborted when the connection of the client is lost before it has the answer. */
  poll(token: SessionToken, signal: AbortSignal): Promise<PollAnswer> {
    if (this.#isElsewhere(token)) return this.#relayed.poll(token, signal)
    return this.#find(token)?.poll(token.sequence, signal) ?? Promise.resolve(gone)
  }

  /** Never rejects. */
  push(token: SessionToken, push: Push): Promise<PushStatus> {
    if (this.#isElsewhere(token)) return this.#relayed.push(token, push)
    return this.#find(token)?.push(push) ?? Promise.resolve(410)
  }

  #isElsewhere({ replica }: SessionToken): boolean {
    const { context } = this.sockets
    if (replica === context.replica.id) return false
    context.metrics.count('long_polls_relayed')
    return true
  }

  #find({ session, key }: SessionToken): PollConnection | undefined {
    const connection = this.#sessions.get(session)
    return connection !== undefined && sameKey(connection.names.key, key) ? connection : undefined
  }

  #changed(connection: PollConnection, state: PollState): void {
    for (const queue of Object.values(this.#queues)) queue.delete(connection)
    this.#queues[state].add(connection, this.sockets.context.clock.now())
    if (!this.#isTicking) this.#scheduleTick()
  }

  #ended(connection: PollConnection): void {
    for (const queue of Object.values(this.#queues)) queue.delete(connection)
    this.#sessions.delete(connection.names.session)
  }

  #scheduleTick(): void {
    this.#isTicking = this.#sessions.size > 0
    if (!this.#isTicking) return
    const { clock } = this.sockets.context
    const due = clock.now() + tick
    clock.after(tick, () => {
      const now = clock.now()
      const { waiting, idle, abandoned } = this.#queues
      // While this process was blocked, it read no polls: those that have arrived are read first.
      if (now - due > tick) for (const queue of [idle, abandoned]) queue.delay(now - due)
      for (const connection of waiting.expired(now)) connection.ping()
      for (const connection of [...idle.expired(now), ...abandoned.expired(now)]) connection.end()
      this.#makeRoom(now)
      this.#scheduleTick()
    })
  }

  /** Ends sessions that do not poll if there are too many: they cost a client no connection. */
  #makeRoom(now: number): void {
    const { idle, abandoned } = this.#queues
    const { idlePollers } = this.sockets.context.limits
    while (idle.size + abandoned.size > idlePollers) {
      const oldest = abandoned.oldest(0, now) ?? idle.oldest(roundTrip, now)
      if (oldest === undefined) return
      oldest.end()
    }
  }
}

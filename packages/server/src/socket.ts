import { decode, encodeError, encodeOk, type Message, ProtocolError, type Vsn } from '@headcount/protocol'
import { Channel } from './channel.js'
import type { Clock } from './clock.js'
import type { Topic } from './engine.js'
import { textFrame } from './frame.js'
import type { PersonKeys } from './keys.js'
import type { Limits } from './limits.js'
import type { Metrics } from './metrics/metrics.js'
import type { Replica } from './replica.js'
import type { Tally } from './tally.js'
import type { TopicRule, TopicRules } from './topics.js'
import type { Turn, Writer } from './turn.js'
import type { Wire } from './websocket/wire.js'

/** Who is at the other end, as far as counting goes. Never sent, never logged. */
export interface Who {
  /** The user's id, or null: a viewer. */
  readonly user: string | null
  /** The random id that the client keeps, or null. */
  readonly client: string | null
}

/** May this one join? True, false, or a promise of either. */
export type Authorize = (topic: Topic, who: { user: string | null }) => boolean | Promise<boolean>

/** What all sockets of a server share. */
export interface Endpoint {
  readonly replica: Replica
  readonly topics: TopicRules
  readonly authorize: Authorize | undefined
  readonly keys: PersonKeys
  readonly limits: Limits
  readonly clock: Clock
  readonly turn: Turn
  readonly metrics: Metrics
  readonly tally: Tally
}

/** Past this share of `backlogBytes` times as many, a socket that is written to and never reads is cut off. */
const cutOffFactor = 16

/** One connection: decodes, holds the limits, knows its channels. Knows no counting. */
export class Socket implements Writer {
  /** When the client was last heard, in ms of the endpoint's clock. */
  heardAt: number
  #open = true
  /** A client has a handful of channels: a list is smaller than a map, and no slower. */
  #channels: Channel[] = []
  /** Frames due at the end of this turn. */
  #due: Buffer[] | Buffer | undefined
  /** What came while a join waits for its authorisation. */
  #inbox: Message[] | undefined
  /** Farewells and states that come after what else came in this turn. */
  #after: (() => void)[] | undefined
  /** Frames heard since the endpoint last looked. */
  #heard = 0

  constructor(
    readonly endpoint: Endpoint,
    readonly wire: Wire,
    readonly vsn: Vsn,
    readonly who: Who,
    readonly home: { gone(socket: Socket): void },
  ) {
    this.heardAt = endpoint.clock.now()
  }

  get channels(): number {
    return this.#channels.length
  }

  /** One frame from the client. Never throws: what is no Phoenix frame closes the socket. */
  receive(data: string | Uint8Array): void {
    if (!this.#open) return
    this.heardAt = this.endpoint.clock.now()
    this.#heard += 1
    if (this.#heard === this.endpoint.limits.messagesPerSecond) this.wire.pause()
    let message: Message
    try {
      message = decode(this.vsn, data)
    } catch (error) {
      this.#refuse(error)
      return
    }
    if (this.#inbox === undefined) this.#handle(message)
    else this.#inbox.push(message)
  }

  /** The client gave a sign of life that is no frame of Phoenix: a ping. */
  heard(): void {
    this.heardAt = this.endpoint.clock.now()
  }

  /** Once a second: whoever sent too much is read again. */
  second(): void {
    if (this.#heard >= this.endpoint.limits.messagesPerSecond && this.#inbox === undefined) this.wire.resume()
    this.#heard = 0
  }

  /** Frames to the client, at the end of this turn. */
  send(frames: Buffer): void {
    if (!this.#open) return
    this.endpoint.tally.frames += 1
    this.endpoint.tally.bytes += frames.length
    if (this.#due === undefined) {
      this.#due = frames
      this.endpoint.turn.write(this)
    } else if (Array.isArray(this.#due)) this.#due.push(frames)
    else this.#due = [this.#due, frames]
  }

  flush(): void {
    const due = this.#due
    this.#due = undefined
    if (due === undefined || !this.#open) return
    this.wire.write(Array.isArray(due) ? Buffer.concat(due) : due)
    if (this.wire.backlog > this.endpoint.limits.backlogBytes * cutOffFactor) {
      this.close(1008, 'expected a client that reads what it is sent')
    }
  }

  /** True where diffs are to be skipped; the channels are given the state once the backlog has left. */
  get slow(): boolean {
    return this.wire.backlog > this.endpoint.limits.backlogBytes
  }

  /** Calls `act` at the end of this turn, after all frames that came in it. */
  after(act: () => void): void {
    if (this.#after !== undefined) {
      this.#after.push(act)
      return
    }
    this.#after = [act]
    this.endpoint.turn.work(() => {
      const acts = this.#after ?? []
      this.#after = undefined
      for (const each of acts) each()
    })
  }

  /** Ends the socket from this side. */
  close(code: number, reason: string): void {
    if (!this.#open) return
    const due = this.#due
    this.#due = undefined
    if (due !== undefined) this.wire.write(Array.isArray(due) ? Buffer.concat(due) : due)
    this.closed()
    this.wire.close(code, reason)
  }

  /** The connection is over: every channel leaves, at once. */
  closed(): void {
    if (!this.#open) return
    this.#open = false
    for (const channel of this.#channels) channel.end()
    this.#channels = []
    this.#inbox = undefined
    this.home.gone(this)
  }

  #refuse(error: unknown): void {
    const known = error instanceof ProtocolError ? error : undefined
    this.endpoint.metrics.count('bad_frames', 1, known?.code ?? 'unknown')
    const code = known?.code === 'not_utf8_json' ? 1007 : 1008
    this.close(code, known?.message ?? 'expected a Phoenix frame')
  }

  #handle(message: Message): void {
    const { topic, event } = message
    if (topic === 'phoenix' && event === 'heartbeat') this.ok(null, message)
    else if (event === 'phx_join') this.#join(message)
    else {
      const channel = this.#channels.find((each) => each.topic === topic)
      if (channel !== undefined) channel.receive(message)
      else if (event === 'phx_leave') this.ok(message.joinRef, message)
      else this.#unmatched(message)
    }
  }

  /** The contract's order: pattern, limit, authorisation. */
  #join(message: Message): void {
    const { topic } = message
    const rule = this.endpoint.topics.match(topic)
    if (rule === undefined) {
      this.endpoint.metrics.count('refused', 1, 'unmatched topic')
      this.#unmatched(message)
      return
    }
    const before = this.#channels.find((each) => each.topic === topic)
    if (before === undefined && this.#channels.length >= this.endpoint.limits.topicsPerSocket) {
      this.#refuseJoin(message, 'too many channels joined')
      return
    }
    const payload = message.payload
    if (
      typeof payload !== 'object' ||
      payload === null ||
      !isObserve((payload as { observe?: unknown }).observe)
    ) {
      this.#refuseJoin(message, 'invalid payload: expected an object, with observe true or false if given')
      return
    }
    const allowed = this.#allowed(topic, rule)
    if (typeof allowed === 'boolean') this.#joinIf(allowed, message, rule)
    else this.#wait(allowed, message, rule)
  }

  #allowed(topic: Topic, rule: TopicRule): boolean | Promise<boolean> {
    if (rule.access === 'users' && this.who.user === null) return false
    return this.endpoint.authorize?.(topic, { user: this.who.user }) ?? true
  }

  /** A join that waits holds up this socket, and nobody else: what comes after it is handled after it. */
  #wait(allowed: Promise<boolean>, message: Message, rule: TopicRule): void {
    this.#inbox = []
    this.wire.pause()
    const settle = (answer: boolean): void => {
      const inbox = this.#inbox
      this.#inbox = undefined
      if (!this.#open || inbox === undefined) return
      this.wire.resume()
      this.#joinIf(answer, message, rule)
      for (const [i, next] of inbox.entries()) {
        this.#handle(next)
        if (this.#inbox !== undefined) {
          ;(this.#inbox as Message[]).push(...inbox.slice(i + 1))
          return
        }
      }
    }
    allowed.then(
      (answer) => settle(answer === true),
      () => settle(false),
    )
  }

  #joinIf(allowed: boolean, message: Message, rule: TopicRule): void {
    const before = this.#channels.find((each) => each.topic === message.topic)
    before?.replace()
    if (!allowed) {
      this.#refuseJoin(message, 'unauthorized')
      return
    }
    const observe = (message.payload as { observe?: boolean }).observe === true
    const channel = new Channel(this, message.topic, message.joinRef, rule, observe)
    this.#channels.push(channel)
    this.ok(message.joinRef, message)
    if (before === undefined) channel.start()
    else this.after(() => channel.start())
  }

  /** Forgets a channel that has ended. */
  forget(channel: Channel): void {
    this.#channels = this.#channels.filter((each) => each !== channel)
  }

  ok(joinRef: Message['joinRef'], { ref, topic }: Message): void {
    this.send(textFrame(encodeOk(this.vsn, joinRef, ref, topic)))
  }

  error(joinRef: Message['joinRef'], { ref, topic }: Message, reason: string): void {
    this.send(textFrame(encodeError(this.vsn, joinRef, ref, topic, reason)))
  }

  #refuseJoin(message: Message, reason: string): void {
    this.endpoint.metrics.count('refused', 1, reason)
    this.error(message.joinRef, message, reason)
  }

  #unmatched(message: Message): void {
    this.error(null, message, 'unmatched topic')
  }
}

function isObserve(observe: unknown): boolean {
  return observe === undefined || typeof observe === 'boolean'
}

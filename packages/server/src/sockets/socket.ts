import type { Identity, Topic, TopicRule } from '@headcount/core'
import { decode, encodeError, encodeOk, type Message, ProtocolError, type Vsn } from '@headcount/protocol'
import { textFrame } from '../websocket/text-frame.js'
import { Channel } from './channel.js'
import { Outlet } from './send-queue.js'
import type { Endpoint } from './socket-context.js'
import type { Wire } from './transport.js'

/** A larger frame counts as several, for it takes as long to read: honest ones are smaller. */
const bytesOfOne = 1024

/** One connection: decodes, holds the limits, knows its channels. Knows no counting. */
export class Socket extends Outlet {
  /** When the client was last heard, in ms of the endpoint's clock. */
  heardAt: number
  /** A client has a handful of channels: a list is smaller than a map, and no slower. */
  #channels: Channel[] = []
  /** A join waits for its authorisation. */
  #waiting = false
  /** What was taken in this second: frames, a large one as several. */
  #taken = 0

  constructor(
    endpoint: Endpoint,
    wire: Wire,
    readonly vsn: Vsn,
    readonly who: Identity,
    readonly home: { gone(socket: Socket): void },
  ) {
    super(endpoint, wire)
    this.heardAt = endpoint.clock.now()
  }

  get channels(): number {
    return this.#channels.length
  }

  /** One message from the client. Never throws: what is no Phoenix frame closes the socket. */
  receive(data: string | Uint8Array): void {
    if (!this.isOpen) return
    this.heardAt = this.endpoint.clock.now()
    let message: Message
    try {
      message = decode(this.vsn, data)
    } catch (error) {
      this.#refuse(error)
      return
    }
    this.#handle(message)
  }

  /** The client gave a sign of life that is no frame of Phoenix: a ping. It gets the pong. */
  pinged(pong: Buffer): void {
    this.heardAt = this.endpoint.clock.now()
    this.send(pong)
  }

  /** A frame of any kind has come: whoever sends too many, or too much, is read no further in this second. */
  took(bytes: number): void {
    this.#taken += Math.ceil(bytes / bytesOfOne)
    if (this.#taken >= this.endpoint.limits.messagesPerSecond) this.wire.pause()
  }

  /** Another second has begun. */
  second(): void {
    const wasPaused = this.#taken >= this.endpoint.limits.messagesPerSecond
    this.#taken = 0
    if (wasPaused) this.#readOn()
  }

  #readOn(): void {
    if (this.#waiting || this.#taken >= this.endpoint.limits.messagesPerSecond) return
    this.wire.resume()
  }

  /** Ends the socket from this side. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return
    this.flush()
    this.closed()
    this.wire.close(code, reason)
  }

  /** The connection is over: every channel leaves, at once. */
  closed(): void {
    if (!this.isOpen) return
    this.isOpen = false
    for (const channel of this.#channels) channel.end()
    this.#channels = []
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
    if (!isJoinPayload(message.payload)) {
      this.#refuseJoin(message, 'invalid payload: expected an object, with observe true or false if given')
      return
    }
    const allowed = this.#allowed(topic, rule)
    if (typeof allowed === 'boolean') this.#joinIf(allowed, message, rule)
    else this.#wait(allowed, message, rule)
  }

  #allowed(topic: Topic, rule: TopicRule): boolean | Promise<boolean> {
    if (rule.access === 'users' && this.who.userId === null) return false
    try {
      return this.endpoint.authorize?.(topic, { user: this.who.userId }) ?? true
    } catch {
      return false
    }
  }

  /** A join that waits holds up this socket, and nobody else: what comes after it is read after it. */
  #wait(allowed: Promise<boolean>, message: Message, rule: TopicRule): void {
    this.#waiting = true
    this.wire.pause()
    const settle = (answer: boolean): void => {
      this.#waiting = false
      if (!this.isOpen) return
      this.#joinIf(answer, message, rule)
      this.#readOn()
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
    // Not pushed: a list that grows takes room for sixteen.
    this.#channels = [...this.#channels, channel]
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

function isJoinPayload(payload: unknown): payload is { observe?: boolean } {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return false
  const { observe } = payload as { observe?: unknown }
  return observe === undefined || typeof observe === 'boolean'
}

import type { MatchedRule, Presence, Subscriber, Topic, Update } from '@headcount/core'
import { encodeChannelError, encodeClose, type Message, type Ref, type Vsn } from '@headcount/protocol'
import { addPresence, type Counted, type CountedStatus, removePresence } from './count-presence.js'
import { invalidObserve, readObserveEvent } from './payloads.js'
import type { ReplyText } from './reply-reasons.js'
import type { SendQueue } from './send-queue.js'
import type { Session } from './session.js'
import type { SocketContext } from './socket-context.js'
import type { Transport } from './transport.js'

/** The part of a socket that its channels use. */
export interface ChannelSocket {
  readonly context: SocketContext
  readonly transport: Transport
  readonly queue: SendQueue
  readonly vsn: Vsn
  readonly session: Session
  /** The client's network address, if a limit needs it. */
  readonly address: string | null
  /** An id that no other socket of the cluster has. */
  connectionId(): string
  /** Replies to a message, with an error if there is a reason. */
  reply(joinRef: Ref, message: Message, reason?: ReplyText): void
  /** Removes a channel that has closed. */
  remove(channel: Channel): void
}

/**
 * One socket in one topic.
 *
 * A leave and a second join of the topic take effect at once, but their `phx_close`, and the reply to a leave, are
 * delayed: in Phoenix they come from the channel's own process, so a join right after a leave is answered first.
 */
export class Channel implements Subscriber, Counted {
  index = -1
  lastFlush = 0
  presence: Presence | undefined
  status: CountedStatus
  waits: Set<() => void> | undefined
  readonly topic: Topic
  readonly #socket: ChannelSocket
  #hasLeft = false
  /** A leave whose reply is delayed. A second join of the topic drops it. */
  #pendingLeave: Message | undefined

  /** Adds a presence to the topic, unless it observes. */
  constructor(
    socket: ChannelSocket,
    topic: Topic,
    readonly joinRef: Ref,
    rule: MatchedRule,
    observe: boolean,
  ) {
    this.#socket = socket
    // All channels of a topic share one string: that of each message is a copy.
    this.topic = socket.context.replica.watched.get(topic)?.topic ?? topic
    this.status = observe ? 'observers' : 'counted'
    socket.context.admission.channels += 1
    if (observe) socket.context.admission.observers += 1
    else this.#count(rule)
  }

  /** Subscribes to the topic: the state is sent now, or as soon as it is known. */
  subscribe(): void {
    if (!this.#hasLeft) this.#socket.context.replica.scheduler.subscribe(this.topic, this)
  }

  /** Handles any event except a join. A message with the join_ref of another join is stale, and dropped. */
  receive(message: Message): void {
    if (message.joinRef !== null && message.joinRef !== this.joinRef) return
    if (message.event === 'observe') this.#observe(message)
    else if (message.event !== 'phx_leave') this.#socket.reply(this.joinRef, message, 'unknown event')
    else {
      this.#pendingLeave = message
      this.#close()
    }
  }

  /** Closes, replaced by a second join of the topic. */
  replace(): void {
    this.#pendingLeave = undefined
    this.#socket.remove(this)
    if (!this.#hasLeft) this.#close()
  }

  /** Ends its presence and its subscription. */
  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    const { replica, admission } = this.#socket.context
    admission.channels -= 1
    if (this.#observes) admission.observers -= 1
    replica.scheduler.unsubscribe(this.topic, this)
    this.#uncount()
  }

  /**
   * Replaces the presence of the socket's previous session by one of the new session, in one commit. Returns whether
   * they belong to different clients.
   */
  move(previous: Session): boolean {
    const { userId, clientId } = this.#socket.session
    if (this.#hasLeft || (userId === previous.userId && clientId === previous.clientId)) return false
    this.#uncount(previous)
    if (!this.#observes) this.#count()
    return true
  }

  /** Ends a channel that the socket's new session may not join. */
  end(previous: Session): void {
    if (this.#hasLeft) return
    this.#uncount(previous)
    this.leave()
    this.#socket.remove(this)
    this.#socket.context.metrics.count('refused', 1, 'unauthorized')
    this.#socket.queue.send(encodeChannelError(this.#socket.vsn, this.joinRef, this.topic))
  }

  /** Whether its client has left. Until the reply to the leave, the socket still has it. */
  get hasLeft(): boolean {
    return this.#hasLeft
  }

  get #observes(): boolean {
    return this.status === 'observers' || this.status === 'hidden'
  }

  /** Adds its presence. Beyond the limits of presences it is not counted until a place is free. */
  #count(rule = this.#socket.context.topics.match(this.topic)): void {
    if (rule !== undefined) addPresence(this.#socket.context, this.topic, rule, this.#socket, this)
  }

  /** Removes its presence. @param session the one that it was counted by. */
  #uncount(session = this.#socket.session): void {
    const { context, address } = this.#socket
    removePresence(context, this.topic, { session, address }, this)
  }

  #observe(message: Message): void {
    const observe = readObserveEvent(message.payload)
    if (observe === undefined) {
      this.#socket.reply(this.joinRef, message, invalidObserve)
      return
    }
    if (observe !== this.#observes) {
      this.#socket.context.admission.observers += observe ? 1 : -1
      if (observe) {
        this.#uncount()
        this.status = 'hidden'
      } else this.#count()
    }
    this.#socket.reply(this.joinRef, message)
  }

  state(update: Update): void {
    const { context, queue, vsn } = this.#socket
    context.metrics.count('states')
    queue.send(update.state(vsn, this.joinRef))
  }

  diff(update: Update): boolean {
    const { context, queue, transport, vsn } = this.#socket
    const isSlow = transport.backlog > context.limits.backlogBytes
    context.metrics.count(isSlow ? 'slow_skips' : 'diffs')
    if (isSlow) transport.onceDrained(() => context.replica.scheduler.resume(this.topic, this))
    else queue.send(update.diff(vsn))
    return !isSlow
  }

  #close(): void {
    this.leave()
    const { queue, vsn } = this.#socket
    queue.delay(() => {
      if (this.#pendingLeave !== undefined) this.#socket.reply(this.joinRef, this.#pendingLeave)
      this.#socket.remove(this)
      queue.send(encodeClose(vsn, this.joinRef, this.topic))
    })
  }
}

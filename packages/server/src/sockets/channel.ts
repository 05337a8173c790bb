import type { Presence, Subscriber, Topic, TopicRule, Update } from '@headcount/core'
import { presenceOf } from '@headcount/core'
import { encodeClose, type Message, type Ref } from '@headcount/protocol'
import { textFrame } from '../websocket/text-frame.js'
import type { Socket } from './socket.js'

/**
 * One socket in one topic: join, state, diffs, leave.
 *
 * A leave and a second join take effect at once; their `phx_close`, and the answer to a leave, come after whatever
 * else came in the same breath. So does Phoenix, where they come from the channel's own process: a join right behind a
 * leave overtakes the leave's answer.
 */
export class Channel implements Subscriber {
  index = -1
  lastFlush = 0
  #ended = false
  /** The leave that is to be answered, until a second join takes the channel's place. */
  #leave: Message | undefined
  readonly #presence: Presence | undefined

  constructor(
    readonly socket: Socket,
    readonly topic: Topic,
    readonly joinRef: Ref,
    readonly rule: TopicRule,
    observe: boolean,
  ) {
    if (observe) return
    this.#presence = presenceOf(rule, topic, socket.who, socket.endpoint.keys)
    socket.endpoint.metrics.count('joins')
    socket.endpoint.replica.tracker.track(topic, this.#presence)
  }

  /** Subscribes: the state comes now, or as soon as it is known. */
  start(): void {
    if (!this.#ended) this.socket.endpoint.replica.scheduler.subscribe(this.topic, this)
  }

  /** Any event but a join. One that names another join is stale: dropped. */
  receive(message: Message): void {
    if (message.joinRef !== null && message.joinRef !== this.joinRef) return
    if (this.#ended) return
    if (message.event === 'phx_leave') {
      this.end()
      this.#leave = message
      this.#sayGoodbye()
    } else this.socket.error(this.joinRef, message, 'unknown event')
  }

  /** A second join of the topic takes this one's place. */
  replace(): void {
    this.socket.forget(this)
    if (this.#leave !== undefined) this.#leave = undefined
    else if (!this.#ended) {
      this.end()
      this.#sayGoodbye()
    }
  }

  /** Counts no more, is told no more. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    const { replica, metrics } = this.socket.endpoint
    replica.scheduler.unsubscribe(this.topic, this)
    if (this.#presence === undefined) return
    metrics.count('leaves')
    replica.tracker.untrack(this.topic, this.#presence)
  }

  state(update: Update): void {
    this.socket.endpoint.metrics.count('states')
    this.socket.send(textFrame(update.state(this.socket.vsn, this.joinRef)))
  }

  diff(update: Update): boolean {
    if (this.socket.slow) {
      this.socket.endpoint.metrics.count('slow_skips')
      this.socket.wire.drained(() => this.socket.endpoint.replica.scheduler.resume(this.topic, this))
      return false
    }
    this.socket.endpoint.metrics.count('diffs')
    this.socket.send(textFrame(update.diff(this.socket.vsn)))
    return true
  }

  #sayGoodbye(): void {
    this.socket.after(() => {
      if (this.#leave !== undefined) this.socket.ok(this.joinRef, this.#leave)
      this.socket.forget(this)
      this.socket.send(textFrame(encodeClose(this.socket.vsn, this.joinRef, this.topic)))
    })
  }
}

import type { EngineOptions, Topic } from '@headcount/core'
import type { Totals } from '@headcount/protocol'
import { log } from './log-events.js'
import { readTopics } from './read-topics.js'
import { parseNumbers } from './script.js'
import type { EngineContext } from './slot-context.js'
import type { ExpiringSlot } from './slot-expiry.js'
import type { Subscriptions } from './subscriptions.js'
import { getOrAddTopic } from './topic-state.js'
import { Watch } from './watch.js'
import { withTimeout } from './with-timeout.js'

export interface TopicWatchesOptions {
  readonly context: EngineContext
  readonly slots: readonly ExpiringSlot[]
  readonly subscriptions: Pick<Subscriptions, 'add' | 'remove'>
  readonly changed: EngineOptions['changed']
  /** Whether Redis is likely to answer. */
  isReachable(): boolean
}

/**
 * The watched topics. Their totals follow the messages of their channels, the answers to this replica's own commits,
 * and reads when messages may have been missed.
 */
export class TopicWatches {
  constructor(private readonly options: TopicWatchesOptions) {}

  /** Subscribes to a topic, then reads it. While Redis is unreachable, it starts with the last known totals. */
  async watch(topic: Topic): Promise<Totals> {
    const { context, subscriptions, changed, isReachable } = this.options
    const { clock } = context
    const state = getOrAddTopic(this.#slot(topic).topics, topic, context.groups)
    const watch = state.watch ?? new Watch((totals) => changed(topic, totals))
    state.watch = watch
    subscriptions.add(topic)
    if (isReachable()) await withTimeout(clock, context.timeout, watch.settled()).catch(() => {})
    const { totals } = state
    clock.soon(() => {
      // Stale response: the topic was unwatched while this request was in flight.
      if (state.watch !== watch) return
      watch.start(totals)
      state.report()
    })
    return totals
  }

  unwatch(topic: Topic): void {
    const { topics } = this.#slot(topic)
    const state = topics.get(topic)
    if (state?.watch === undefined) return
    this.options.subscriptions.remove(topic)
    state.watch.settle()
    state.watch = undefined
    if (!state.used) topics.delete(topic)
  }

  /** Applies a message: "version totals". */
  receive(topic: Topic, text: string): void {
    const { logs, groups, clock, observe } = this.options.context
    const [version, ...totals] = parseNumbers(text)
    // Other programs may publish on the channel.
    if (!/^\d{1,16}( \d{1,15})+$/.test(text) || !Number.isSafeInteger(version) || totals.length !== groups) {
      log(logs.by('foreign_message'), 'foreign_message', { topic })
      return
    }
    const state = this.#slot(topic).topics.get(topic)
    if (state?.watch === undefined) return
    const took = state.publishTime.received(version!, clock.now())
    if (took !== undefined) observe('publish', took / 1000)
    if (version! >= state.version) state.publishAt = Number.POSITIVE_INFINITY
    state.receive(version!, totals)
    state.report()
  }

  /** Reads topics whose messages may have been missed. */
  catchUp(names: readonly Topic[]): void {
    const { context, slots } = this.options
    for (const [index, part] of context.keys.bySlot(names, (name) => name)) {
      const slot = slots[index]!
      const states = () => part.flatMap((name) => slot.topics.get(name) ?? [])
      readTopics(slot, part).then(
        () => {
          for (const state of states()) {
            state.publishTime.reset()
            state.watch?.settle()
            state.report()
          }
        },
        () => {
          // The next renewal gets the totals.
          for (const state of states()) state.acknowledgedAt = Number.NEGATIVE_INFINITY
        },
      )
    }
  }

  /** Reads every watched topic. */
  catchUpAll(): void {
    for (const { topics } of this.options.slots) this.catchUp([...topics.keys()])
  }

  #slot(topic: Topic): ExpiringSlot {
    const { context, slots } = this.options
    return slots[context.keys.slotOf(topic)]!
  }
}

import type { Change, Engine, EngineOptions, ReplicaId, Topic } from '@headcount/core'
import { sameTotals, type Totals } from '@headcount/protocol'
import { parseTotals } from './commit.js'
import { type Connected, connect } from './connect.js'
import { type Context, contextOf } from './context.js'
import { RedisEngineError, unreachable } from './error.js'
import type { Resolved } from './options.js'
import { Slot } from './slot.js'
import { Subscriptions } from './subscriptions.js'
import type { TopicState } from './topic.js'
import { within } from './within.js'

/** What there is between `open` and `close`. */
interface Opened {
  readonly context: Context
  readonly slots: readonly Slot[]
  readonly subscriptions: Subscriptions
  readonly undoReady: () => void
}

/** A cluster of many replicas over Redis. docs/CLUSTER.md tells how it works. */
export class RedisEngine implements Engine {
  /** A storm is said twenty times a second: more often would be more commands, and be seen by nobody. */
  readonly commitInterval = 50
  #options: Resolved
  #opened: Opened | undefined
  #moved: EngineOptions['changed'] = () => {}
  /** The cluster has lost us: the next commit says all there is, and what it does not say is gone. */
  #anew = false
  #troubled = false

  constructor(options: Resolved) {
    this.#options = options
  }

  async open(replica: ReplicaId, { changed, groups, lease }: EngineOptions): Promise<void> {
    this.#options = { ...this.#options, groups, lease }
    const connected = await connect(this.#options)
    this.#moved = changed
    this.#opened = this.#wire(replica, connected)
  }

  async watch(topic: Topic): Promise<Totals> {
    const { context, subscriptions } = this.#open
    const slot = this.#slot(topic)
    const state = slot.topic(topic)
    state.watched = true
    subscriptions.add(topic)
    const heard = new Promise<void>((resolve) => void state.waiting.add(resolve))
    // While Redis is away a topic starts from what is known here, and is watched as soon as Redis is back.
    if (context.link.ready && !this.#troubled) await within(context.clock, context.patience, heard).catch(() => {})
    const totals = state.view()
    context.clock.soon(() => {
      // Of a watch that was given up meanwhile nobody hears.
      if (!state.watched) return
      state.told ??= totals
      context.tell(state)
    })
    return totals
  }

  async unwatch(topic: Topic): Promise<void> {
    const slot = this.#slot(topic)
    const state = slot.topics.get(topic)
    if (state?.watched !== true) return
    this.#open.subscriptions.remove(topic)
    state.watched = false
    state.told = undefined
    state.answer()
    slot.tidy(state)
  }

  async read(topics: readonly Topic[]): Promise<Totals[]> {
    const { slots } = this.#open
    const answers = new Map<Topic, Totals>()
    const reads = [...this.#bySlot(topics, (topic) => topic)].map(async ([index, names]) => {
      const totals = await slots[index]!.read(names)
      names.forEach((name, i) => void answers.set(name, totals[i]!))
    })
    await Promise.all(reads).catch((error: unknown) => {
      throw unreachable(error)
    })
    return topics.map((topic) => answers.get(topic)!)
  }

  async commit(changes: readonly Change[]): Promise<'kept' | 'lost'> {
    const { context, slots } = this.#open
    const bySlot = this.#bySlot(this.#anew ? this.#completed(changes) : changes, ({ topic }) => topic)
    const now = context.clock.now()
    const due = slots.filter((slot) => bySlot.has(slot.index) || slot.due(now))
    const said = await Promise.allSettled(due.map((slot) => slot.commit(bySlot.get(slot.index) ?? [])))
    const lost = said.some((answer) => answer.status === 'fulfilled' && answer.value === 'lost')
    const failed = said.find((answer) => answer.status === 'rejected')
    this.#outcome(failed === undefined)
    if (lost) this.#anew = true
    else if (failed === undefined) this.#anew = false
    if (lost) return 'lost'
    if (failed !== undefined) throw unreachable(failed.reason)
    if (due.length === 0 && !context.link.ready) throw unreachable('no connection')
    return 'kept'
  }

  async close(): Promise<void> {
    const opened = this.#opened
    if (opened === undefined) return
    this.#opened = undefined
    opened.undoReady()
    opened.subscriptions.close()
    const left = await Promise.allSettled(opened.slots.map((slot) => slot.close()))
    for (const slot of opened.slots) slot.stop()
    if (left.some(({ status }) => status === 'rejected')) {
      opened.context.logger.warn({}, 'Redis could not be told that this replica goes; it forgets it in a lease')
    }
    await opened.context.link.close()
  }

  get #open(): Opened {
    if (this.#opened === undefined) {
      throw new RedisEngineError('closed', 'expected an open engine, got one that is closed or was never opened')
    }
    return this.#opened
  }

  #wire(replica: ReplicaId, connected: Connected): Opened {
    const { clock, random, logger, lease } = this.#options
    const { link, sharded } = connected
    const context = contextOf(this.#options, connected, replica, (topic) => this.#tell(topic))
    const { keys } = context
    const slots = Array.from({ length: keys.slots }, (_, index) => new Slot(index, context))
    const subscriptions = new Subscriptions({
      link,
      keys,
      sharded,
      clock,
      random,
      heard: (topic, message) => this.#heard(topic, message),
      subscribed: (topics) => this.#ask(topics),
      trouble: (reason) => logger.warn({ reason }, 'a subscription to Redis has ended; subscribing again'),
    })
    const undoReady = link.onReady(() => {
      context.trustAt = clock.now() + lease / 2
      for (const { topics } of slots) this.#ask([...topics.keys()])
    })
    return { context, slots, subscriptions, undoReady }
  }

  #heard(topic: Topic, message: string): void {
    const state = this.#slot(topic).topics.get(topic)
    if (state === undefined || !state.watched) return
    const [version, ...totals] = parseTotals(message)
    state.published = Math.max(state.published, version!)
    state.hear(version!, totals)
    this.#tell(state)
  }

  /** Reads what may have been missed. */
  #ask(topics: readonly Topic[]): void {
    if (this.#opened === undefined) return
    for (const [index, names] of this.#bySlot(topics, (topic) => topic)) {
      const slot = this.#opened.slots[index]!
      slot.read(names).then(
        () => {
          for (const name of names) {
            const state = slot.topics.get(name)
            if (state === undefined) continue
            state.answer()
            this.#tell(state)
          }
        },
        () => {
          // The next commit asks after what is unconfirmed.
          for (const name of names) slot.unconfirm(name)
        },
      )
    }
  }

  #tell(state: TopicState): void {
    if (state.told === undefined || this.#opened === undefined) return
    const totals = state.view()
    if (sameTotals(totals, state.told)) return
    state.told = totals
    this.#moved(state.name, totals)
  }

  /** Whoever has been away does not judge others until they too had time to come back. */
  #outcome(well: boolean): void {
    const { context } = this.#open
    if (!well || this.#troubled) context.trustAt = context.clock.now() + context.lease / 2
    this.#troubled = !well
  }

  #completed(changes: readonly Change[]): Change[] {
    const said = new Map(changes.map((change) => [change.topic, change]))
    const topics = this.#open.slots.flatMap(({ topics }) => [...topics.values()])
    for (const state of topics) {
      if (state.held || said.has(state.name)) said.set(state.name, state.complete(said.get(state.name)))
    }
    return [...said.values()]
  }

  #slot(topic: Topic): Slot {
    const { context, slots } = this.#open
    return slots[context.keys.slotOf(topic)]!
  }

  #bySlot<T>(items: readonly T[], topicOf: (item: T) => Topic): Map<number, T[]> {
    const { keys } = this.#open.context
    const bySlot = new Map<number, T[]>()
    for (const item of items) {
      const slot = keys.slotOf(topicOf(item))
      const list = bySlot.get(slot)
      if (list === undefined) bySlot.set(slot, [item])
      else list.push(item)
    }
    return bySlot
  }
}

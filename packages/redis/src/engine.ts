import {
  type Change,
  type Engine,
  type EngineOptions,
  errorText,
  type Histories,
  OutageLog,
  type Relay,
  type ReplicaId,
  type Replicas,
  type Topic,
} from '@headcount/core'
import type { Totals } from '@headcount/protocol'
import { connect } from './connect.js'
import type { CrashDetector } from './crash-detector.js'
import { RedisEngineError, unreachable } from './errors.js'
import { crashDetector } from './find-crashed.js'
import { homeSlot } from './keys.js'
import { log } from './log-events.js'
import { Membership } from './membership.js'
import { badOption, type ResolvedOptions } from './options.js'
import { readHistory } from './read-history.js'
import { readTopics } from './read-topics.js'
import { readLeases, readRows } from './rows.js'
import { SlotCommits } from './slot-commits.js'
import { type EngineContext, engineContext, slotContexts } from './slot-context.js'
import { type ExpiringSlot, SlotExpiry } from './slot-expiry.js'
import { Subscriptions } from './subscriptions.js'
import { TopicWatches } from './topic-watches.js'
import { RedisTransitions } from './transitions.js'

interface Slot extends ExpiringSlot {
  readonly commits: SlotCommits
}

/** The parts that exist between `open` and `close`. */
interface Opened {
  readonly context: EngineContext
  readonly slots: readonly Slot[]
  readonly subscriptions: Subscriptions
  readonly watches: TopicWatches
  readonly membership: Membership
  readonly crashes: CrashDetector
  readonly undoReady: () => void
}

/** Merges the counts of many replicas over Redis. docs/CLUSTER.md describes how. */
export class RedisEngine implements Engine {
  /** More commits would cost more commands without showing sooner: clients receive at most one frame per 50 ms. */
  readonly commitInterval = 50
  readonly transitions = new RedisTransitions(() => this.#open.slots)
  readonly replicas: Replicas = {
    list: async () => readLeases(this.#home),
    rows: async (topic) => readRows(this.#slot(topic), topic),
  }
  /** Texts are published on the channel that only their receiver subscribes to. */
  readonly relay: Relay = { send: (to, text) => this.#send(to, text) }
  readonly history: Histories = {
    read: async (topic) => {
      const slot = this.#slot(topic)
      return readHistory(slot, topic).catch((error: unknown) => {
        throw unreachable(error)
      })
    },
  }
  #opened: Opened | undefined
  /** The last commit failed. */
  #failing = false

  constructor(private readonly options: ResolvedOptions) {}

  async open(replica: ReplicaId, options: EngineOptions): Promise<void> {
    if (this.#opened !== undefined) throw badOption('one engine for each server', 'one that is already open')
    if (!(options.lease >= 100)) throw badOption('a lease of 100 ms or more', String(options.lease))
    const connection = await connect(this.options, options.lease)
    const context = engineContext(this.options, connection, replica, options)
    const slots = slotContexts(context).map((slot) => {
      const expiring = { ...slot, expiry: new SlotExpiry(slot, () => commits.renew()) }
      const commits = new SlotCommits(expiring)
      return { ...expiring, commits }
    })
    const { clock, logger } = context
    const outage = new OutageLog(clock, (phase, fields) => log(logger, `subscribe_outage_${phase}`, fields))
    const subscriptions = new Subscriptions({
      ...context,
      received: (topic, message) => watches.receive(topic, message),
      receivedText: (text) => options.received?.(text),
      subscribed: (topics) => {
        // Another node of a Redis Cluster may still be unreachable.
        if (subscriptions.isComplete) outage.ended()
        watches.catchUp(topics)
      },
      failed: (error) => {
        crashes.reset()
        outage.failed(errorText(error))
      },
    })
    const watches = new TopicWatches({
      ...{ context, slots, subscriptions },
      changed: (topic, totals) => this.#opened && options.changed(topic, totals),
      isReachable: () => connection.commands.problem() === undefined && !this.#failing,
    })
    const crashes = crashDetector(slots, subscriptions)
    const membership = new Membership(slots[homeSlot]!, subscriptions)
    const undoReady = connection.commands.onReady(() => {
      this.#restartWarmUp()
      membership.refresh()
      watches.catchUpAll()
    })
    this.#opened = { context, slots, subscriptions, watches, membership, crashes, undoReady }
    try {
      await membership.join()
    } catch (error) {
      await this.close()
      throw error
    }
    crashes.start()
    log(logger, 'replica_joined', { replica })
  }

  async watch(topic: Topic): Promise<Totals> {
    return this.#open.watches.watch(topic)
  }

  async unwatch(topic: Topic): Promise<void> {
    this.#open.watches.unwatch(topic)
  }

  async read(topics: readonly Topic[]): Promise<Totals[]> {
    const { context, slots } = this.#open
    const totals = new Map<Topic, Totals>()
    const reads = [...context.keys.bySlot(topics, (topic) => topic)].map(async ([index, names]) => {
      const read = await readTopics(slots[index]!, names)
      names.forEach((name, i) => void totals.set(name, read[i]!))
    })
    await Promise.all(reads).catch((error: unknown) => {
      throw unreachable(error)
    })
    return topics.map((topic) => totals.get(topic)!)
  }

  async commit(changes: readonly Change[]): Promise<'kept' | 'lost'> {
    const { context, slots, membership } = this.#open
    const bySlot = context.keys.bySlot(changes, ({ topic }) => topic)
    const agreed = membership.agree()
    // The first lease comes before the first commit.
    if (!membership.hasJoined) await agreed.catch(() => {})
    const due = slots.filter(({ slot, commits }) => bySlot.has(slot) || commits.due)
    const commits = due.map(({ slot, commits }) => commits.commit(bySlot.get(slot) ?? []))
    const results = await Promise.allSettled([...commits, agreed])
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined || this.#failing) this.#restartWarmUp()
    this.#failing = failed !== undefined
    if (failed !== undefined) throw unreachable(failed.reason)
    if (results.some((result) => result.status === 'fulfilled' && result.value === 'lost')) {
      membership.refresh()
      return 'lost'
    }
    const problem = due.length === 0 ? context.commands.problem() : undefined
    if (problem !== undefined) throw new RedisEngineError('unreachable', problem)
    return 'kept'
  }

  async close(): Promise<void> {
    if (this.#opened === undefined) return
    const { context, slots, subscriptions, crashes, undoReady } = this.#opened
    this.#opened = undefined
    undoReady()
    crashes.close()
    subscriptions.close()
    const results = await Promise.allSettled(slots.map(({ commits }) => commits.close()))
    for (const { expiry } of slots) expiry.close()
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) {
      const { message } = unreachable(failed.reason)
      log(context.logger, 'close_failed', { reason: message })
    }
    context.commands.close()
  }

  get #open(): Opened {
    if (this.#opened === undefined) throw new RedisEngineError('closed', 'the engine is closed, or was never opened')
    return this.#opened
  }

  get #home(): Slot {
    return this.#open.slots[homeSlot]!
  }

  #slot(topic: Topic): Slot {
    const { context, slots } = this.#open
    return slots[context.keys.slotOf(topic)]!
  }

  async #send(to: ReplicaId, text: string): Promise<boolean> {
    const { commands, keys, pubsub } = this.#open.context
    const { leases, presence } = keys.slot(homeSlot)
    const publish = pubsub.sharded ? 'SPUBLISH' : 'PUBLISH'
    const receivers = await commands.send(leases, [publish, `${presence}${encodeURIComponent(to)}`, text])
    // Without sharded pub/sub a node of a Redis Cluster does not know the subscribers of others.
    return Number(receivers) > 0 || !pubsub.sharded
  }

  #restartWarmUp(): void {
    if (this.#opened === undefined) return
    const { clock, lease, warmUp } = this.#opened.context
    warmUp.until = clock.now() + lease / 2
  }
}

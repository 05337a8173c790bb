import type { Change, ReplicaId, Topic } from '@headcount/core'
import { calls, parseTotals, type Saying, sendCommit } from './commit.js'
import type { Context } from './context.js'
import { RedisEngineError, unreachable } from './error.js'
import { forget } from './forget.js'
import { Promises } from './promises.js'
import { TopicState } from './topic.js'
import { within } from './within.js'

/** How many topics one call reads. */
const readAtOnce = 200

/** This replica's part in one slot: its lease there, what it says, and what it sees to for others. */
export class Slot {
  readonly topics = new Map<Topic, TopicState>()
  readonly #promises: Promises
  /** The number of the newest commit that was sent, and of the newest that was kept (0: we hold nothing here). */
  #sent = 0
  #kept = 0
  #renewedAt = Number.NEGATIVE_INFINITY
  #stalled = false
  #undoLapse: (() => void) | undefined

  constructor(
    readonly index: number,
    readonly context: Context,
  ) {
    this.#promises = new Promises(index, context, (topic) => this.topics.get(topic)?.published ?? 0)
  }

  topic(name: Topic): TopicState {
    let topic = this.topics.get(name)
    if (topic === undefined) {
      topic = new TopicState(name, this.context.groups)
      this.topics.set(name, topic)
    }
    return topic
  }

  /** Forgets a topic on which nothing depends. */
  tidy(topic: TopicState): void {
    if (!topic.needed) this.topics.delete(topic.name)
  }

  /** True while an answer is outstanding that was given up: nothing more is sent until it has come or failed. */
  get stalled(): boolean {
    return this.#stalled
  }

  /** The topic is asked after with the next commit. */
  unconfirm(name: Topic): void {
    const topic = this.topics.get(name)
    if (topic !== undefined) topic.confirmedAt = Number.NEGATIVE_INFINITY
  }

  /** Whether there is anything to be done here now: a renewal, or topics that have gone a while unconfirmed. */
  due(now: number): boolean {
    const idle = this.topics.size === 0 && this.#kept === 0
    return !idle && now - this.#renewedAt >= this.context.lease / 5
  }

  /**
   * Says changes, renews the lease if it is time, and asks after what has gone unconfirmed.
   * @throws {RedisEngineError} `unreachable`: the changes stand as unsaid, and show on top of what the cluster said.
   */
  async commit(changes: readonly Change[]): Promise<'kept' | 'lost'> {
    const asked = new Map<Topic, number>()
    try {
      const now = this.context.clock.now()
      const renew = this.#kept === 0 || this.due(now)
      if (changes.length === 0 && this.topics.size === 0) return await this.#leave(now)
      return await this.#say(
        [...changes.map((change) => this.#saying(change, now)), ...this.#unconfirmed(changes, now)],
        renew,
        now,
        asked,
      )
    } catch (error) {
      for (const change of changes) {
        const topic = this.topic(change.topic)
        topic.fail(change, asked.get(change.topic))
        this.context.tell(topic)
      }
      for (const topic of this.topics.values()) topic.confirmedAt = Number.NEGATIVE_INFINITY
      throw unreachable(error)
    }
  }

  /** Reads topics and hears what is answered. A replica that has lapsed does not count. */
  async read(names: readonly Topic[], again = true): Promise<number[][]> {
    const { context, index } = this
    const totals: number[][] = []
    for (let i = 0; i < names.length; i += readAtOnce) {
      const part = names.slice(i, i + readAtOnce)
      const asked = part.map((name) => this.topics.get(name)?.version ?? 0)
      const keys = [context.keys.leases(index), ...part.map((name) => context.keys.topic(index, name))]
      const args = [context.groups, context.replica, Math.ceil(this.#mercy)]
      const [lapsed, ...rest] = await this.#ask(() => context.scripts.read.run(context.link, keys, args))
      if (lapsed !== '' && again && this.#trusting) {
        await this.#forget(String(lapsed))
        return this.read(names, false)
      }
      part.forEach((name, j) => {
        const read = parseTotals(rest[2 * j + 1])
        totals.push(read)
        const topic = this.topics.get(name)
        topic?.hear(Number(rest[2 * j]), read, asked[j])
      })
    }
    return totals
  }

  /** Gives up everything here at once. What is left to be published is, before it resolves. */
  async close(): Promise<void> {
    this.stop()
    if (this.#sent > 0) await this.#forget(this.context.replica, 'closed')
    await this.#promises.settle()
  }

  /** Ends every timer. */
  stop(): void {
    this.#undoLapse?.()
    this.#promises.stop()
  }

  /** @param asked is filled with the version known of each topic when it was sent. */
  async #say(
    sayings: readonly Saying[],
    renew: boolean,
    now: number,
    asked: Map<Topic, number>,
  ): Promise<'kept' | 'lost'> {
    for (const call of calls(sayings)) {
      const number = ++this.#sent
      const answer = await this.#ask(() => {
        for (const { change } of call) asked.set(change.topic, this.topic(change.topic).version)
        return sendCommit(this.context, this.index, call, number, this.#kept, renew)
      })
      if (answer.kind === 'late')
        throw new RedisEngineError('unreachable', 'expected to be the newest commit, got late')
      if (answer.kind !== 'kept') return await this.#lost(answer.kind)
      this.#kept = number
      if (renew) this.#renewedAt = now
      if (renew) this.#watchLapse(answer.lapsing, answer.lapse)
      call.forEach(({ change, refresh }, i) => {
        const { version, totals, due } = answer.heard[i]!
        const topic = this.topic(change.topic)
        topic.hear(version, totals, asked.get(topic.name))
        topic.keep(change)
        topic.confirmedAt = now
        if (refresh !== 0) topic.refreshedAt = now
        if (due >= 0) this.#promises.add(topic.name, version, due, change.interval)
        this.context.tell(topic)
        this.tidy(topic)
      })
    }
    return 'kept'
  }

  /** Once a lease the topic's key is let live on, however often the topic moves. */
  #saying(change: Change, now: number): Saying {
    const topic = this.topic(change.topic)
    const fresh = now - topic.refreshedAt < this.context.lease
    return { change, refresh: fresh ? 0 : topic.live ? 2 : 1 }
  }

  /** What is still so but has not been said for most of a lease: says it again, and hears what was missed. */
  #unconfirmed(changes: readonly Change[], now: number): Saying[] {
    const before = now - this.context.lease * 0.6
    const sayings: Saying[] = []
    const said = new Set(changes.map(({ topic }) => topic))
    for (const topic of this.topics.values()) {
      if (topic.confirmedAt > before || topic.unsaid || said.has(topic.name)) continue
      const change = { topic: topic.name, counts: topic.counts, people: [], interval: topic.interval }
      sayings.push({ change, refresh: topic.live ? 2 : 1 })
    }
    return sayings
  }

  /** Redis holds nothing of us here, or what is no longer so: then it is made to hold nothing. */
  async #lost(kind: 'lost' | 'behind' | 'late'): Promise<'lost'> {
    const { replica, logger } = this.context
    logger.warn({ slot: this.index, kind }, 'Redis has lost what this replica said')
    if (kind === 'behind') await this.#forget(replica, 'behind')
    this.#kept = 0
    for (const topic of this.topics.values()) topic.forget()
    return 'lost'
  }

  /** Nothing here concerns us any more: gives up the lease. */
  async #leave(now: number): Promise<'kept'> {
    this.#renewedAt = now
    await this.#forget(this.context.replica, 'closed')
    this.#kept = 0
    return 'kept'
  }

  /** Sends, and waits, but not for long. While an answer that was given up is still to come, nothing more is sent. */
  async #ask<T>(send: () => Promise<T>): Promise<T> {
    if (this.#stalled) throw new RedisEngineError('unreachable', 'expected an answer of Redis, got none yet')
    if (!this.context.link.ready) throw unreachable('no connection')
    const answer = send()
    try {
      return await within(this.context.clock, this.context.patience, answer)
    } catch (error) {
      this.#stalled = true
      const over = () => {
        this.#stalled = false
      }
      answer.then(over, over)
      throw error
    }
  }

  // Others: whose lease lapses is forgotten, by whoever notices first.

  /** How long after its lease a replica is still spared: its renewal may be on its way. */
  get #mercy(): number {
    return this.context.lease / 40
  }

  get #trusting(): boolean {
    return this.context.clock.now() >= this.context.trustAt
  }

  #watchLapse(replica: ReplicaId, ms: number): void {
    this.#undoLapse?.()
    if (ms < 0) return
    const { clock, random, trustAt, lease, ttl } = this.context
    const spared = Math.max(ms + this.#mercy + (random() * lease) / 100, trustAt - clock.now())
    // A lease longer than ours, or one that a wrong clock has set, is looked at again: no timer waits for a month.
    this.#undoLapse = clock.after(Math.min(spared, ttl), () => {
      this.#forget(replica).catch(() => {})
    })
  }

  async #forget(replica: ReplicaId, why: 'lapsed' | 'closed' | 'behind' = 'lapsed'): Promise<void> {
    const answer = await forget(this.context, this.index, replica, why, (name) => this.topics.get(name)?.interval)
    if (answer.live !== undefined) return this.#watchLapse(replica, answer.live)
    for (const { topic, due, interval } of answer.due) this.#promises.add(topic, 0, due, interval)
    if (why === 'lapsed')
      this.context.logger.info({ slot: this.index }, 'a replica whose lease has lapsed was forgotten')
  }
}

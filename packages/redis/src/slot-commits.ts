import type { Change } from '@headcount/core'
import { runCommit, type TopicReply } from './commit-script.js'
import { RedisEngineError, unreachable } from './errors.js'
import { expire } from './expire.js'
import { homeSlot } from './keys.js'
import { log } from './log-events.js'
import { Refusals } from './refusals.js'
import type { ExpiringSlot } from './slot-expiry.js'
import { getOrAddTopic, type TopicState } from './topic-state.js'

const never = Number.POSITIVE_INFINITY
/** How many topics and people one call commits: they take Redis about a millisecond. */
const maxWeight = 400

/** A change, or a part of one with many people, that is not acknowledged yet. */
interface Outstanding {
  readonly topic: TopicState
  readonly change: Change
  /** The last known version of the topic when the change was sent; undefined before. */
  known?: number | undefined
}

/** Commits this replica's changes to one slot, and renews its lease there. */
export class SlotCommits {
  /** Numbers of the newest commit, and of the newest acknowledged one (0: the slot has nothing of this replica). */
  #sent = 0
  #acknowledged = 0
  #renewedAt = Number.NEGATIVE_INFINITY
  /** Settles when the previous commits have ended: then the next one starts. */
  #previous: Promise<unknown> = Promise.resolve()
  #cancelTimer: (() => void) | undefined
  #closed = false
  readonly #refusals: Refusals

  constructor(readonly context: ExpiringSlot) {
    this.#refusals = new Refusals(context)
  }

  /**
   * Whether a commit must be sent even if nothing changed: slightly sooner than the committer's four per lease. In the
   * home slot a replica always has a lease: it shows that Redis accepts writes, and that the replica is alive.
   */
  get due(): boolean {
    return (this.#isHome || this.context.topics.size > 0 || this.#acknowledged > 0) && this.#renewalDue
  }

  /**
   * Commits changes and topics that must be committed again. Renews the lease if it is due, and releases it if this
   * replica no longer has any presences in the slot.
   * @throws {RedisEngineError} `unreachable`: the changes stay pending, and are shown on top of the cluster's totals.
   */
  commit(changes: readonly Change[]): Promise<'kept' | 'lost'> {
    const result = this.#previous.then(() => this.#commit(changes))
    this.#previous = result.catch(() => {})
    return result
  }

  /** Renews the lease at once, if there is one: the reply has the next lease of another replica that ends. */
  renew(): void {
    if (this.#closed || this.#acknowledged === 0) return
    this.#renewedAt = Number.NEGATIVE_INFINITY
    this.#commitSoon()
  }

  /** Publishes pending messages regardless of intervals, and removes this replica's rows and lease. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancelTimer?.()
    await this.#previous
    const unpublished = [...this.context.topics.values()].filter(({ publishAt }) => publishAt < never)
    const changes = unpublished.map(({ change }) => ({ ...change, interval: 0 }))
    if (changes.length > 0) await this.#commit(changes)
    await this.#leave('closed')
  }

  async #commit(changes: readonly Change[]): Promise<'kept' | 'lost'> {
    const renew = this.#renewalDue
    const queue = [...changes, ...this.#again(changes)].flatMap((change) => this.#split(change))
    try {
      if (!this.#isHome && this.context.topics.size === 0 && this.#acknowledged > 0) await this.#leave('closed')
      else if (queue.length > 0 || renew) {
        do {
          const call = queue.slice(0, callSize(queue))
          const outcome = await this.#send(call, renew)
          if (outcome === 'lost') return await this.#rejoin(queue)
          queue.splice(0, call.length, ...outcome)
        } while (queue.length > 0)
      }
      this.#schedulePublishing()
      this.#refusals.ended()
      return 'kept'
    } catch (error) {
      this.#refusals.failed(error)
      for (const outstanding of queue) this.#fail(outstanding)
      for (const topic of this.context.topics.values()) topic.acknowledgedAt = Number.NEGATIVE_INFINITY
      throw unreachable(error)
    }
  }

  async #leave(reason: 'closed' | 'rejoin'): Promise<void> {
    if (this.#sent > 0 || this.#isHome) await expire(this.context, this.context.replica, reason)
    this.#acknowledged = 0
  }

  get #isHome(): boolean {
    return this.context.slot === homeSlot
  }

  get #renewalDue(): boolean {
    return this.#acknowledged === 0 || this.context.clock.now() - this.#renewedAt >= this.context.lease / 5
  }

  /** Sends one call. Returns further changes to commit: all of each topic whose key Redis lost. */
  async #send(call: readonly Outstanding[], renew: boolean): Promise<'lost' | Outstanding[]> {
    const { clock, requests, lease } = this.context
    const now = clock.now()
    const number = ++this.#sent
    const topics = call.map((outstanding) => {
      const { topic, change } = outstanding
      if (requests.ready) {
        outstanding.known = topic.version
        topic.send(change)
      }
      return { change, refresh: now - topic.refreshedAt >= lease, expectedPeople: topic.expectedPeople }
    })
    const reply = await runCommit(this.context, { number, acknowledged: this.#acknowledged, renew, topics })
    if (reply.status === 'late') throw new RedisEngineError('unreachable', 'a newer commit reached Redis before')
    if (reply.status === 'lost') return 'lost'
    this.#acknowledged = number
    if (renew) {
      this.#renewedAt = now
      this.context.expiry.watch(reply.nextEnd)
    }
    return call.flatMap((outstanding, i) => {
      if (topics[i]!.refresh) outstanding.topic.refreshedAt = now
      outstanding.topic.acknowledgedAt = now
      return this.#apply(reply.topics[i]!, outstanding, now)
    })
  }

  #apply(reply: TopicReply, { topic, change, known }: Outstanding, sentAt: number): Outstanding[] {
    if (reply.status === 'missing') {
      topic.fail(change)
      topic.lose()
      return this.#split(topic.change)
    }
    if (reply.status === 'wrong type') {
      // Committed again once it is stale.
      topic.publishAt = never
      const key = this.context.slotKeys.topic(topic.name)
      log(this.context.logs.by(key), 'foreign_key', { key })
      this.#fail({ topic, change })
      return []
    }
    topic.receive(reply.version, reply.totals, known)
    topic.acknowledge(change)
    if (reply.publishIn >= 0) topic.publishAt = this.context.clock.now() + reply.publishIn + 1
    // Published, or due at another replica. A topic that was sent before it was due must still be published here.
    else if (reply.publishIn === -1 || topic.publishAt <= sentAt) topic.publishAt = never
    // The message of an empty topic may have an older version than the answer.
    const isNew = reply.version > (known ?? 0) && reply.totals.some((count) => count > 0)
    if (reply.publishIn === -1 && isNew && topic.watch !== undefined) {
      const { clock, observe } = this.context
      const took = topic.publishTime.committed(reply.version, sentAt, clock.now())
      if (took !== undefined) observe('publish', took / 1000)
    }
    topic.report()
    // While the commit was in flight, the topic may have been unwatched and watched again with a new state.
    const isCurrent = this.context.topics.get(topic.name) === topic
    if (isCurrent && !topic.used) this.context.topics.delete(topic.name)
    return []
  }

  /** Topics to publish, and topics without an acknowledgement for most of a lease, whose messages may be lost. */
  #again(changes: readonly Change[]): Change[] {
    const now = this.context.clock.now()
    const stale = now - this.context.lease * 0.6
    const changed = new Set(changes.map(({ topic }) => topic))
    const again = [...this.context.topics.values()].filter(({ name, acknowledgedAt, publishAt }) => {
      return (acknowledgedAt <= stale || publishAt <= now) && !changed.has(name)
    })
    return again.map((topic) => topic.change)
  }

  /** Sets the timer for the next topic that this replica must publish, by committing it again. */
  #schedulePublishing(): void {
    this.#cancelTimer?.()
    let next = never
    for (const { publishAt } of this.context.topics.values()) next = Math.min(next, publishAt)
    if (next === never || this.#closed) return
    const wait = Math.max(0, next - this.context.clock.now())
    this.#cancelTimer = this.context.clock.after(Math.ceil(wait), () => this.#commitSoon())
  }

  /** If it fails, the next commit does the same. */
  #commitSoon(): void {
    this.commit([]).catch(() => {})
  }

  /** Redis lost rows of this replica, or all of them: removes the rest. */
  async #rejoin(queue: readonly Outstanding[]): Promise<'lost'> {
    await this.#leave('rejoin')
    for (const { topic, change } of queue) this.#fail({ topic, change })
    for (const topic of this.context.topics.values()) topic.lose()
    return 'lost'
  }

  #fail({ topic, change, known }: Outstanding): void {
    topic.fail(change, known)
    topic.report()
  }

  #split(given: Change): Outstanding[] {
    const topic = getOrAddTopic(this.context.topics, given.topic, this.context.groups)
    const change = topic.withPending(given)
    const parts: Outstanding[] = []
    for (let i = 0; i === 0 || i < change.people.length; i += maxWeight - 1) {
      parts.push({ topic, change: { ...change, people: change.people.slice(i, i + maxWeight - 1) } })
    }
    return parts
  }
}

/** The length of the part of the queue that one call may commit. */
function callSize(queue: readonly Outstanding[]): number {
  let weight = 0
  const end = queue.findIndex(({ change }) => {
    weight += 1 + change.people.length
    return weight > maxWeight
  })
  return end < 0 ? queue.length : end
}

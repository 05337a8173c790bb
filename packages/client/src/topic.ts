import { applyDiff, type Counts, type Diff, type Group } from '@headcount/protocol'
import type { Channel } from 'phoenix'
import type { Connection } from './connection.js'
import { Listeners } from './listeners.js'
import { sameSnapshot, type TopicSnapshot, type TopicStore } from './store.js'

/** The client's role in a topic, in ascending order. A socket has one channel per topic, and so one role. */
const roles = ['none', 'observer', 'counted'] as const
type Role = (typeof roles)[number]

/** Reasons of refusals that pass by themselves: other topics of this client, or other clients, leave. */
const fullReasons: ReadonlySet<string> = new Set(['too many channels joined', 'overloaded'])

export interface TopicOptions {
  /** Delay in ms between the last unsubscribe and leaving the topic. */
  readonly linger: number
  /** Delay in ms before a topic without room is joined again, after so many refusals in a row. */
  retryAfter(refusals: number): number
}

/**
 * One topic of a client: a channel, and the two stores that share it. The client is an observer while all subscribers
 * observe, and is counted while at least one subscriber does not.
 */
export class Topic<G extends Group> {
  readonly counted: TopicStore<G>
  readonly observed: TopicStore<G>
  readonly #name: string
  readonly #connection: Connection
  readonly #connecting: TopicSnapshot<G>
  readonly #options: TopicOptions
  readonly #subscribers = { counted: new Listeners(), observer: new Listeners() }
  #snapshot: TopicSnapshot<G>
  #role: Role = 'none'
  #channel: Channel | undefined
  /** Counts received since the current join. Undefined before its first state: a diff means nothing without one. */
  #received: Counts<G> | undefined
  #leaveTimer: ReturnType<typeof setTimeout> | undefined
  #stateTimer: ReturnType<typeof setTimeout> | undefined
  /** Joins again where there was no room. */
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #refusals = 0

  constructor(name: string, connection: Connection, connecting: TopicSnapshot<G>, options: TopicOptions) {
    this.#name = name
    this.#connection = connection
    this.#connecting = connecting
    this.#snapshot = connecting
    this.#options = options
    this.counted = this.#store('counted')
    this.observed = this.#store('observer')
    connection.subscribeOpen(() => this.#opened())
  }

  /** Leaves at once. */
  close(): void {
    clearTimeout(this.#leaveTimer)
    this.#setRole('none')
  }

  #store(role: 'counted' | 'observer'): TopicStore<G> {
    return {
      topic: this.#name,
      get: () => this.#snapshot,
      subscribe: (listener) => {
        // Before anything changes: it throws where there is no WebSocket.
        this.#connection.open()
        const unsubscribe = this.#subscribers[role].subscribe(listener)
        this.#updateRole()
        return () => {
          unsubscribe()
          this.#updateRole()
        }
      },
    }
  }

  #wantedRole(): Role {
    if (this.#subscribers.counted.size > 0) return 'counted'
    return this.#subscribers.observer.size > 0 ? 'observer' : 'none'
  }

  /** A higher role is taken at once; a lower one after `linger`, so that a remount or a new route never leaves. */
  #updateRole(): void {
    if (this.#connection.status === 'closed') return
    clearTimeout(this.#leaveTimer)
    const wanted = this.#wantedRole()
    if (roles.indexOf(wanted) > roles.indexOf(this.#role)) this.#setRole(wanted)
    else if (wanted !== this.#role)
      this.#leaveTimer = setTimeout(() => this.#setRole(this.#wantedRole()), this.#options.linger)
  }

  #setRole(role: Role): void {
    this.#role = role
    this.#leaveChannel()
    if (role !== 'none') this.#join()
    else this.#show(this.#waiting())
  }

  #join(): void {
    const channel = this.#connection.channel(this.#name, this.#role === 'observer' ? { observe: true } : {})
    // A channel that was left may still receive frames.
    const ifCurrent =
      <T>(callback: (payload: T) => void) =>
      (payload: T): void => {
        if (this.#channel === channel) callback(payload)
      }
    const state = ifCurrent((counts: Counts<G>) => this.#receiveState(counts))
    const diff = ifCurrent((received: Diff<G>) => this.#receiveDiff(received))
    const error = ifCurrent(({ reason = 'error' }: { reason?: string }) => this.#refused(reason))
    this.#channel = channel
    channel.on('presence_state', state)
    channel.on('presence_diff', diff)
    channel.onError(ifCurrent(() => this.#lost()))
    channel.onClose(ifCurrent(() => this.#refused('closed')))
    channel.join().receive('error', error)
    if (this.#snapshot.status === 'refused') this.#show(this.#waiting())
  }

  #leaveChannel(): void {
    const channel = this.#channel
    this.#channel = undefined
    this.#reset()
    channel?.leave()
  }

  #reset(): void {
    clearTimeout(this.#stateTimer)
    clearTimeout(this.#retryTimer)
    this.#received = undefined
  }

  #receiveState(counts: Counts<G>): void {
    const first = this.#received === undefined && this.#role === 'counted'
    this.#received = counts
    clearTimeout(this.#stateTimer)
    if (first) this.#stateTimer = setTimeout(() => this.#live(counts), firstStateDelay(counts))
    else this.#live(counts)
  }

  #receiveDiff(diff: Diff<G>): void {
    if (!this.#received) return
    clearTimeout(this.#stateTimer)
    this.#received = diff.counts ?? applyDiff(this.#received, diff)
    this.#live(this.#received)
  }

  #live(counts: Counts<G>): void {
    this.#refusals = 0
    this.#show({ counts, status: 'live' })
  }

  /** The connection was lost or the channel crashed. phoenix joins again. */
  #lost(): void {
    this.#reset()
    this.#show(this.#waiting())
  }

  /**
   * Retried when the socket reopens, when a new subscriber comes after the last one has left, and after a delay where
   * there was no room.
   */
  #refused(reason: string): void {
    this.#leaveChannel()
    this.#show({ counts: this.#snapshot.counts, status: 'refused', reason })
    if (!fullReasons.has(reason)) return
    this.#refusals += 1
    this.#retryTimer = setTimeout(() => this.#opened(), this.#options.retryAfter(this.#refusals))
  }

  #opened(): void {
    // Without a channel the topic was refused. A joined channel missed that the old connection ended (phoenix 1.7).
    if (this.#role !== 'none' && (!this.#channel || this.#channel.state === 'joined')) this.#setRole(this.#role)
  }

  #waiting(): TopicSnapshot<G> {
    const { counts } = this.#snapshot
    return counts === this.#connecting.counts ? this.#connecting : { counts, status: 'stale' }
  }

  #show(snapshot: TopicSnapshot<G>): void {
    if (sameSnapshot(this.#snapshot, snapshot)) return
    this.#snapshot = snapshot
    this.#subscribers.counted.notify()
    this.#subscribers.observer.notify()
  }
}

/**
 * Delay in ms before the state of a new join is shown: the diff of the own join follows at once, and a page should not
 * show "5" and then "6". A topic is never empty for a client that is counted in it, so zeros wait longer.
 */
function firstStateDelay(counts: Counts<Group>): number {
  return Object.values(counts).every(({ count }) => count === 0) ? 1_000 : 30
}

import { applyDiff, type Counts, type Diff } from '@headcount/protocol'
import type { Channel } from 'phoenix'
import type { Connection } from './connection.js'
import { Listeners } from './listeners.js'
import { connecting, isEmpty, sameSnapshot, type TopicSnapshot, type TopicStore } from './store.js'

/** What we are in a topic, the lesser first. A socket holds a topic in one way only. */
const parts = ['absent', 'observer', 'counted'] as const
type Part = (typeof parts)[number]

/**
 * One topic of a client: its one channel, and the two stores that share it. It is joined as an observer while all its
 * subscribers observe, and to be counted as soon as one does not.
 */
export class Topic {
  readonly counted: TopicStore
  readonly observed: TopicStore
  readonly #name: string
  readonly #connection: Connection
  readonly #linger: number
  readonly #subscribers = { counted: new Listeners(), observer: new Listeners() }
  #snapshot = connecting
  #part: Part = 'absent'
  #channel: Channel | undefined
  /** What the current join has been told, nothing before its state: a diff has no meaning without it. */
  #told: Counts | undefined
  #leaving: ReturnType<typeof setTimeout> | undefined
  #settling: ReturnType<typeof setTimeout> | undefined

  constructor(name: string, connection: Connection, linger: number) {
    this.#name = name
    this.#connection = connection
    this.#linger = linger
    this.counted = this.#store('counted')
    this.observed = this.#store('observer')
    connection.onOpen(() => this.#opened())
  }

  /** Leaves at once. */
  close(): void {
    clearTimeout(this.#leaving)
    this.#play('absent')
  }

  #store(part: 'counted' | 'observer'): TopicStore {
    return {
      topic: this.#name,
      get: () => this.#snapshot,
      subscribe: (listener) => {
        const undo = this.#subscribers[part].subscribe(listener)
        this.#reconsider()
        return () => {
          undo()
          this.#reconsider()
        }
      },
    }
  }

  #wanted(): Part {
    if (this.#subscribers.counted.size > 0) return 'counted'
    return this.#subscribers.observer.size > 0 ? 'observer' : 'absent'
  }

  /** Joins at once and leaves after a moment, so that a second mount or a change of route is no leave at all. */
  #reconsider(): void {
    if (this.#connection.status === 'closed') return
    clearTimeout(this.#leaving)
    const wanted = this.#wanted()
    if (parts.indexOf(wanted) > parts.indexOf(this.#part)) this.#play(wanted)
    else if (wanted !== this.#part) this.#leaving = setTimeout(() => this.#play(this.#wanted()), this.#linger)
  }

  #play(part: Part): void {
    this.#part = part
    this.#drop()
    if (part !== 'absent') this.#join()
    else this.#show(this.#waiting())
  }

  #join(): void {
    const channel = this.#connection.channel(this.#name, this.#part === 'observer' ? { observe: true } : {})
    // a channel that we have left may still speak
    const ours =
      <T>(heed: (message: T) => void) =>
      (message: T): void => {
        if (this.#channel === channel) heed(message)
      }
    this.#channel = channel
    channel.on(
      'presence_state',
      ours((counts: Counts) => this.#state(counts)),
    )
    channel.on(
      'presence_diff',
      ours((diff: Diff) => this.#diff(diff)),
    )
    channel.onError(ours(() => this.#lost()))
    channel.onClose(ours(() => this.#refused('closed')))
    channel.join().receive(
      'error',
      ours((refusal: { reason?: string }) => this.#refused(refusal.reason ?? 'error')),
    )
    if (this.#snapshot.status === 'refused') this.#show(this.#waiting())
  }

  /** Gives the channel up, with everything that it was told. */
  #drop(): void {
    const channel = this.#channel
    this.#channel = undefined
    this.#forget()
    channel?.leave()
  }

  #forget(): void {
    clearTimeout(this.#settling)
    this.#told = undefined
  }

  #state(counts: Counts): void {
    const afterJoin = this.#told === undefined && this.#part === 'counted'
    this.#told = counts
    clearTimeout(this.#settling)
    if (afterJoin) this.#settling = setTimeout(() => this.#live(counts), settle(counts))
    else this.#live(counts)
  }

  #diff(diff: Diff): void {
    if (!this.#told) return
    clearTimeout(this.#settling)
    this.#told = diff.counts ?? applyDiff(this.#told, diff)
    this.#live(this.#told)
  }

  #live(counts: Counts): void {
    this.#show({ counts, status: 'live' })
  }

  /** The connection is lost or the channel has crashed. Phoenix joins again by itself. */
  #lost(): void {
    this.#forget()
    this.#show(this.#waiting())
  }

  /** Asked again only when the socket is open anew, or when all subscribers have gone and one comes. */
  #refused(reason: string): void {
    this.#drop()
    this.#show({ counts: this.#snapshot.counts, status: 'refused', reason })
  }

  #opened(): void {
    // refused before; or joined over a connection whose end phoenix 1.7 did not hear of
    if (this.#part !== 'absent' && (!this.#channel || this.#channel.state === 'joined')) this.#play(this.#part)
  }

  #waiting(): TopicSnapshot {
    const { counts } = this.#snapshot
    return counts === connecting.counts ? connecting : { counts, status: 'stale' }
  }

  #show(snapshot: TopicSnapshot): void {
    if (sameSnapshot(this.#snapshot, snapshot)) return
    this.#snapshot = snapshot
    this.#subscribers.counted.notify()
    this.#subscribers.observer.notify()
  }
}

/**
 * How long in ms a state waits for the diff of our own join, which follows it at once: a page should not show "5" and
 * then "6". A topic that we are in is never empty, so zeros wait longer.
 */
const settle = (counts: Counts): number => (isEmpty(counts) ? 1_000 : 30)

import type { Subscriber, Update } from '@headcount/core'
import type { CountsSource } from '../http/source.js'

const json = (users: number, viewers: number) => `{"users":{"count":${users}},"viewers":{"count":${viewers}}}`

/** An event of a stream. */
export const data = (users: number, viewers: number) => `data: ${json(users, viewers)}\n\n`

/** A source of one topic, whose counts the test sets. They are unknown at first by default. */
export class OneTopic implements CountsSource {
  readonly subscribers = new Set<Subscriber>()
  #update: Update | undefined

  constructor(users?: number, viewers?: number) {
    if (users !== undefined && viewers !== undefined) this.set(users, viewers)
  }

  set(users: number, viewers: number): void {
    const isFirst = this.#update === undefined
    const update = { counts: json(users, viewers) } as Update
    this.#update = update
    for (const subscriber of this.subscribers) isFirst ? subscriber.state(update) : subscriber.diff(update)
  }

  subscribe(_topic: string, subscriber: Subscriber): () => void {
    this.subscribers.add(subscriber)
    if (this.#update !== undefined) subscriber.state(this.#update)
    return () => void this.subscribers.delete(subscriber)
  }

  reader = async () => ({ isUnchecked: false, refuses: async () => undefined, count: () => () => {} })
  refusesStream = () => undefined
  rule = () => undefined
  history = () => Promise.reject(new Error('no history'))
  read = async () => []
}

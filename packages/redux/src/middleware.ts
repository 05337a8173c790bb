import type { Client, Group } from '@headcount/client'
import type { Middleware } from '@reduxjs/toolkit'
import { topicChanged, topicRemoved, unwatchTopic, type Watch, watchTopic } from './slice.js'

interface Subscription {
  readonly topic: string
  watchers: number
  readonly unsubscribe: () => void
}

/**
 * Joins a topic when `watchTopic` is first dispatched, and leaves it after as many `unwatchTopic` with the same
 * options.
 */
export function headcountMiddleware(client: Client<Group>): Middleware {
  return ({ dispatch }) => {
    /** By topic and options. */
    const subscriptions = new Map<string, Subscription>()
    const keyOf = ({ topic, observe = false, count, tabs }: Watch): string =>
      JSON.stringify([topic, observe, count, tabs])

    const watch = (given: Watch): void => {
      const { topic, ...options } = given
      const subscription = subscriptions.get(keyOf(given))
      if (subscription) {
        subscription.watchers++
        return
      }
      const store = client.topic(topic, options)
      const update = () => dispatch(topicChanged({ topic, snapshot: store.get() }))
      subscriptions.set(keyOf(given), { topic, watchers: 1, unsubscribe: store.subscribe(update) })
      update()
    }

    const unwatch = (given: Watch): void => {
      const subscription = subscriptions.get(keyOf(given))
      if (!subscription || --subscription.watchers > 0) return
      subscriptions.delete(keyOf(given))
      subscription.unsubscribe()
      const { topic } = given
      if (![...subscriptions.values()].some((other) => other.topic === topic)) dispatch(topicRemoved(topic))
    }

    return (next) => (action) => {
      const result = next(action)
      if (watchTopic.match(action)) watch(action.payload)
      else if (unwatchTopic.match(action)) unwatch(action.payload)
      return result
    }
  }
}

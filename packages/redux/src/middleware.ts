import type { Client, Group } from '@headcount/client'
import type { Middleware } from '@reduxjs/toolkit'
import { topicChanged, topicRemoved, unwatchTopic, type Watch, watchTopic } from './slice.js'

interface Subscription {
  watchers: number
  readonly unsubscribe: () => void
}

/** Joins a topic when `watchTopic` is first dispatched, and leaves it after as many `unwatchTopic`. */
export function headcountMiddleware(client: Client<Group>): Middleware {
  return ({ dispatch }) => {
    const counted = new Map<string, Subscription>()
    const observed = new Map<string, Subscription>()

    const watch = ({ topic, observe }: Watch): void => {
      const subscriptions = observe ? observed : counted
      const subscription = subscriptions.get(topic)
      if (subscription) {
        subscription.watchers++
        return
      }
      const store = client.topic(topic, { observe })
      const update = () => dispatch(topicChanged({ topic, snapshot: store.get() }))
      subscriptions.set(topic, { watchers: 1, unsubscribe: store.subscribe(update) })
      update()
    }

    const unwatch = ({ topic, observe }: Watch): void => {
      const subscriptions = observe ? observed : counted
      const subscription = subscriptions.get(topic)
      if (!subscription || --subscription.watchers > 0) return
      subscriptions.delete(topic)
      subscription.unsubscribe()
      if (!counted.has(topic) && !observed.has(topic)) dispatch(topicRemoved(topic))
    }

    return (next) => (action) => {
      const result = next(action)
      if (watchTopic.match(action)) watch(action.payload)
      else if (unwatchTopic.match(action)) unwatch(action.payload)
      return result
    }
  }
}

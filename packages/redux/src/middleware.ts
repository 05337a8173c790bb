import type { Client } from '@headcount/client'
import type { Middleware } from '@reduxjs/toolkit'
import { topicChanged, topicForgotten, unwatchTopic, type Watch, watchTopic } from './slice.js'

interface Watched {
  watchers: number
  readonly undo: () => void
}

/** Owns the channels: joins a topic when it is first watched, leaves it when as many have stopped. */
export function headcountMiddleware(client: Client): Middleware {
  return ({ dispatch }) => {
    const counted = new Map<string, Watched>()
    const observed = new Map<string, Watched>()

    const watch = ({ topic, observe }: Watch): void => {
      const all = observe ? observed : counted
      const watched = all.get(topic)
      if (watched) {
        watched.watchers++
        return
      }
      const store = client.topic(topic, { observe })
      const tell = () => dispatch(topicChanged({ topic, snapshot: store.get() }))
      all.set(topic, { watchers: 1, undo: store.subscribe(tell) })
      tell()
    }

    const unwatch = ({ topic, observe }: Watch): void => {
      const all = observe ? observed : counted
      const watched = all.get(topic)
      if (!watched || --watched.watchers > 0) return
      all.delete(topic)
      watched.undo()
      if (!counted.has(topic) && !observed.has(topic)) dispatch(topicForgotten(topic))
    }

    return (next) => (action) => {
      const result = next(action)
      if (watchTopic.match(action)) watch(action.payload)
      else if (unwatchTopic.match(action)) unwatch(action.payload)
      return result
    }
  }
}

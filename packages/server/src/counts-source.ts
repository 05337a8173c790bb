import type { Engine } from '@headcount/core'
import type { CountsSource } from './http/source.js'
import { tokenReaders } from './readers.js'
import type { SocketContext } from './sockets/socket-context.js'

/** The source of HTTP: the counts of the replica, with the rules and limits of its sockets. */
export function countsSource(context: SocketContext, engine: Engine): CountsSource {
  const { replica, topics, limits, addressLimit, admission } = context
  return {
    reader: tokenReaders(context),
    refusesStream(counted, address) {
      if (counted === 0) return admission.read() && 'overloaded'
      if (counted > limits.topicsPerSocket) return 'too_many_topics'
      return addressLimit.isFull(address) ? 'too_many_of_address' : admission.join() && 'overloaded'
    },
    read: (names) => replica.read(names),
    subscribe(topic, subscriber) {
      replica.scheduler.subscribe(topic, subscriber)
      return () => replica.scheduler.unsubscribe(topic, subscriber)
    },
    rule: (topic) => topics.match(topic),
    // Without a history there is none to read.
    history: (topic) => engine.history!.read(topic),
  }
}

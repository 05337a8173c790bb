import type { Engine } from '@headcount/core'
import type { CountsSource } from './http/source.js'
import { refusesCount, tokenReaders } from './readers.js'
import type { SocketContext } from './sockets/socket-context.js'

/** The source of HTTP: the counts of the replica, with the rules and limits of its sockets. */
export function countsSource(context: SocketContext, engine: Engine): CountsSource {
  const { replica, topics, admission } = context
  return {
    reader: tokenReaders(context),
    refusesStream: (counted, address) =>
      counted === 0 ? admission.read() && 'overloaded' : refusesCount(context, counted, address),
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

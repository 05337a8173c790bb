import type { Engine } from '@headcount/core'
import type { CountsSource } from './http/source.js'
import { tokenReaders } from './readers.js'
import type { SocketContext } from './sockets/socket-context.js'

interface SourceParts extends Pick<CountsSource, 'trouble'> {
  readonly context: SocketContext
  readonly engine: Engine
}

/** The source of HTTP: the counts of the replica, with the rules and limits of its sockets. */
export function countsSource({ context, engine, trouble }: SourceParts): CountsSource {
  const { replica, topics, limits, addressLimit, admission } = context
  return {
    reader: tokenReaders(context),
    refusesCount(size, address) {
      if (size > limits.topicsPerSocket) return 'too_many_topics'
      return addressLimit.isFull(address) ? 'too_many_of_address' : admission.join() && 'overloaded'
    },
    refusesStream: () => admission.read() && 'overloaded',
    read: (names) => replica.read(names),
    subscribe(topic, subscriber) {
      replica.scheduler.subscribe(topic, subscriber)
      return () => replica.scheduler.unsubscribe(topic, subscriber)
    },
    hasBadge: (topic) => topics.match(topic)?.badge === true,
    historyReaders: (topic) => topics.match(topic)?.history,
    // Without a history there is none to read.
    history: (topic) => engine.history!.read(topic),
    trouble,
  }
}

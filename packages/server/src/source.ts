import type { Replica, Subscriber, TopicRules } from '@headcount/core'
import type { CountsSource } from './http/source.js'

/**
 * A replica as HTTP reads it: a follower is a subscriber that takes the whole counts each time. A reader shows no token,
 * so topics for users alone are not there for it.
 */
export function sourceOf(replica: Replica, topics: TopicRules): CountsSource {
  return {
    allows: (topic) => topics.match(topic)?.access === 'everyone',
    read: (names) => replica.read(names),
    follow(topic, listener) {
      const follower: Subscriber = {
        index: -1,
        lastFlush: 0,
        state: (news) => listener(news.totals),
        diff(news) {
          listener(news.totals)
          return true
        },
      }
      replica.scheduler.subscribe(topic, follower)
      return () => replica.scheduler.unsubscribe(topic, follower)
    },
    trouble: () => replica.trouble,
  }
}

import type { Group } from '@headcount/protocol'
import { type ConnectionOptions, createConnection } from './connection.js'
import { createFallback, type FallbackOptions } from './fallback.js'
import { createPage, type PageOptions } from './page.js'
import { createTopic, type Topic, type TopicContext } from './topic.js'

type Given = 'ready' | 'lost' | 'receive' | 'topics' | 'openSocket' | 'fetchToken'

export type TopicsOptions<G extends Group> = Omit<ConnectionOptions, Given> &
  PageOptions &
  Omit<FallbackOptions, 'topics' | 'wake'> &
  Omit<TopicContext<G>, 'connection' | 'page' | 'open'> & {
    fetchToken(): string | null | undefined | Promise<string | null>
  }

/** The topics of one server, over one connection: the common part of `createClient` and `<head-count>`. */
export function createTopics<G extends Group>(options: TopicsOptions<G>) {
  const topics = new Map<string, Topic<G>>()
  const each = (call: (topic: Topic<G>) => void): void => {
    for (const topic of topics.values()) call(topic)
  }
  const used = (): string[] => [...topics.keys()].filter((name) => topics.get(name)!.isUsed())

  const fallback = createFallback({ ...options, topics: used, wake: () => connection.wake() })
  const connection = createConnection({
    ...options,
    fetchToken: async () => {
      await fallback.load()
      return options.fetchToken()
    },
    openSocket: fallback.open,
    topics: used,
    ready: () => each((topic) => topic.join()),
    lost: (isOn) => {
      // Without topics nothing listens to the page: it keeps no client that is no longer used.
      if (!isOn) page.stop()
      each((topic) => topic.lost())
    },
    receive: (...message) => {
      fallback.received()
      each((topic) => topic.receive(...message))
    },
  })
  const page = createPage(options, () => {
    if (page.counts()) connection.wake()
    else connection.suspend()
    each((topic) => topic.update())
  })
  const context = {
    ...options,
    ...{ connection, page },
    open: () => {
      connection.open()
      page.start()
    },
  }
  return {
    connection,
    /** The topic of this name, always the same object. */
    topic: (name: string): Topic<G> => {
      const topic = topics.get(name) ?? createTopic(name, context)
      topics.set(name, topic)
      return topic
    },
    /** Leaves all topics and closes the socket. */
    close: (): void => connection.close(),
  }
}

import type { Subscriber, Topic } from '@headcount/core'
import type { Totals } from '@headcount/protocol'

/** Where HTTP reads counts. Its readers are not counted. */
export interface CountsSource {
  /** Whether the topic may be read. */
  allows(topic: Topic): boolean
  /**
   * The totals of topics now, in the given order; an unknown topic is zeros.
   * @throws where the engine cannot be reached.
   */
  read(topics: readonly Topic[]): Promise<Totals[]>
  /** Sends the subscriber the topic's state once it is known, and every change. Returns a function that ends it. */
  subscribe(topic: Topic, subscriber: Subscriber): () => void
  /** Why the server should get no new sockets; undefined where it may. */
  trouble(): string | undefined
}

import type { HistoryReaders, Subscriber, Topic, TopicHistory, Update } from '@headcount/core'

/**
 * Why a topic may not be read. `unauthorized`: it requires a token, and there is none. `forbidden`: the token is valid,
 * but does not open the topic. `unavailable`: the token cannot be verified at present.
 */
export type ReadRefusal = 'unmatched_topic' | 'unauthorized' | 'invalid_token' | 'forbidden' | 'unavailable'

export interface Reader {
  /** In how many ms the reader's token expires. Absent where it has none, or one that does not. */
  readonly expiresIn?: number
  /** Its token cannot be verified at present: it reads what anyone may, and is not counted as a viewer. */
  readonly isUnchecked: boolean
  /** Resolves to why the reader may not read the topic, or to undefined where it may. Never rejects. */
  refuses(topic: Topic): Promise<ReadRefusal | undefined>
  /**
   * Counts the reader in topics that it may read, as a socket counts that joins them. Returns a function that ends it.
   * Undefined, and not counted, where the address has as many counted readers and sockets as it may have.
   * @param address the network address, or null where that is not known.
   */
  count(topics: readonly Topic[], address: string | null): (() => void) | undefined
}

/**
 * Why a reader may not be counted. `too_many_topics`: it names more than a socket may join. `too_many_of_address`: its
 * network address has as many sockets and counted streams as it may have. `overloaded`: there is no room for joins.
 */
export type CountRefusal = 'too_many_topics' | 'too_many_of_address' | 'overloaded'

/** What a topic shows: its counts as JSON, and as numbers, with the smallest that is shown as one (0: all are). */
export type Shown = Pick<Update, 'counts' | 'totals' | 'below'>

/** Where HTTP reads counts. Its readers are not counted, unless they ask for it. */
export interface CountsSource {
  /**
   * What the bearer of a token may read, by the same rule as what its socket may join. Never rejects.
   * @param token not verified yet; undefined for none.
   * @param clientId by which the reader counts where people are counted; null for none.
   */
  reader(token: string | undefined, clientId: string | null): Promise<Reader>
  /** Why no reader of that address may be counted in so many topics at present; undefined where one may. */
  refusesCount(topics: number, address: string | null): CountRefusal | undefined
  /** Whether the process has no room for another reader that is not counted. */
  refusesStream(): boolean
  /**
   * What topics show now, in the given order; an unknown topic shows zeros.
   * @throws where the engine cannot be reached.
   */
  read(topics: readonly Topic[]): Promise<Shown[]>
  /** Whether a topic has a badge. */
  hasBadge(topic: Topic): boolean
  /** Who may read the history of a topic; undefined where no pattern allows the topic. */
  historyReaders(topic: Topic): HistoryReaders | undefined
  /**
   * What is recorded of a topic.
   * @throws where the engine cannot be reached.
   */
  history(topic: Topic): Promise<TopicHistory>
  /** Sends the subscriber the topic's state once it is known, and every change. Returns a function that ends it. */
  subscribe(topic: Topic, subscriber: Subscriber): () => void
  /** Why the server should get no new sockets; undefined where it may. */
  trouble(): string | undefined
}

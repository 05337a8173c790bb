import type { MatchedRule, Subscriber, Topic, TopicHistory, Update } from '@headcount/core'

/**
 * Why a topic may not be read. `unauthorized`: it requires a token, and there is none. `forbidden`: the token is valid,
 * but does not allow the topic. `unavailable`: the token cannot be verified now.
 */
export type ReadRefusal = 'unmatched_topic' | 'unauthorized' | 'invalid_token' | 'forbidden' | 'unavailable'

export interface Reader {
  /** In how many ms the reader's token expires. Absent if it has none, or one that does not. */
  readonly expiresIn?: number
  /** Its token cannot be verified now: it may read public topics, and is not counted as a viewer. */
  readonly isUnchecked: boolean
  /** Resolves to why the reader may not read the topic, or to undefined if it may. Never rejects. */
  refuses(topic: Topic): Promise<ReadRefusal | undefined>
  /**
   * Counts the reader in topics that it may read, like a socket that joins them. Returns a function that ends it, or
   * why it is not counted.
   * @param address the network address, or null if that is not known.
   */
  count(topics: readonly Topic[], address: string | null): (() => void) | StreamRefusal
}

/**
 * Why a stream may not be opened. Of a counted reader, `too_many_topics`: it names more than a socket may join, and
 * `too_many_of_address`: its network address is at its limit of sockets and counted streams. `overloaded`: there is no
 * room.
 */
export type StreamRefusal = 'too_many_topics' | 'too_many_of_address' | 'overloaded'

/** The shown counts of a topic, as JSON and as numbers; the smallest count that is shown as a number (0: all are). */
export type Shown = Pick<Update, 'counts' | 'totals' | 'below'>

/** The source of counts for HTTP. Its readers are not counted, unless they request it. */
export interface CountsSource {
  /**
   * The topics that the bearer of a token may read: those that its socket may join. Never rejects.
   * @param token not verified yet; undefined for none.
   * @param clientId by which the reader is counted where people are counted; null for none.
   */
  reader(token: string | undefined, clientId: string | null): Promise<Reader>
  /**
   * Why a stream may not be opened now; undefined if it may.
   * @param counted the number of topics in which its reader is counted; 0 if it is not counted.
   */
  refusesStream(counted: number, address: string | null): StreamRefusal | undefined
  /**
   * The shown counts of topics, in the given order; zeros for an unknown topic.
   * @throws if the engine cannot be reached.
   */
  read(topics: readonly Topic[]): Promise<Shown[]>
  /** Whether a topic has a badge, and the readers of its history; undefined if no pattern allows the topic. */
  rule(topic: Topic): Pick<MatchedRule, 'badge' | 'history'> | undefined
  /** The history of a topic. @throws if the engine cannot be reached. */
  history(topic: Topic): Promise<TopicHistory>
  /** Sends the subscriber the topic's state once it is known, and every change. Returns a function that ends it. */
  subscribe(topic: Topic, subscriber: Subscriber): () => void
}

import { type DefaultGroup, defaultGroups, type Group } from '@headcount/protocol'
import { backoff, Reconnects } from './backoff.js'
import { storedClientId } from './client-id.js'
import { Connection } from './connection.js'
import { type ClientOptions, checkOptions, checkTopic, checkWorld, type TokenSource } from './options.js'
import type { ConnectionStatus } from './status.js'
import { connectingSnapshot, type TopicSnapshot, type TopicStore } from './store.js'
import { TokenSocket } from './token-socket.js'
import { Topic } from './topic.js'

/** Live counts of any number of topics over one socket. */
export interface Client<G extends Group = DefaultGroup> {
  /**
   * The counts of a topic. Returns the same store for the same name and `observe`. With `observe: true` the client
   * receives the counts and is not counted.
   * @throws {ClientError} `bad_option` where the name is not a text, or empty.
   */
  topic(name: string, options?: { readonly observe?: boolean | undefined }): TopicStore<G>
  /** Reconnects with another token. Until then topics show the last counts. */
  signIn(token: TokenSource): void
  /** Reconnects without a token, as a viewer. */
  signOut(): void
  readonly status: ConnectionStatus
  /** The snapshot of every topic before its first counts: zeros. */
  readonly connecting: TopicSnapshot<G>
  /** Calls `listener` after each change of `status`. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void
  /** Leaves all topics and closes the socket. The next subscription connects again. */
  close(): void
}

/**
 * Creates a client. It connects when the first topic is subscribed to, and reconnects when the connection is lost.
 * @throws {ClientError} `bad_option`. The first subscription throws it where there is no WebSocket (Node.js 20).
 */
export function createClient<const G extends Group = DefaultGroup>(options: ClientOptions<G>): Client<G> {
  checkOptions(options)
  const { url, clientId, linger = 500, random = Math.random } = options
  const connecting = connectingSnapshot(options.groups ?? (defaultGroups as readonly Group[] as readonly G[]))
  let token = options.token ?? null

  const connection = new Connection(() => {
    checkWorld(options)
    const id = clientId ?? storedClientId()
    const { params = {}, reconnectAfterMs = backoff(random), ...socket } = options.socket ?? {}
    const reconnects = new Reconnects(reconnectAfterMs)
    const created = new TokenSocket(url, async () => (typeof token === 'function' ? await token() : token), {
      reconnectAfterMs: () => reconnects.next(),
      rejoinAfterMs: backoff(random),
      ...socket,
      params: () => ({
        ...(typeof params === 'function' ? params() : params),
        ...(id === false ? {} : { client_id: id }),
      }),
    })
    created.onOpen(() => reconnects.opened())
    return created
  })

  const topics = new Map<string, Topic<G>>()
  const topicOf = (name: string): Topic<G> => {
    checkTopic(name)
    const topic = topics.get(name) ?? new Topic(name, connection, connecting, { linger, retryAfter: backoff(random) })
    topics.set(name, topic)
    return topic
  }

  const signIn = (source: TokenSource | null): void => {
    token = source
    connection.reconnect()
  }

  return {
    connecting,
    topic: (name, { observe = false } = {}) => topicOf(name)[observe ? 'observed' : 'counted'],
    signIn,
    signOut: () => signIn(null),
    get status() {
      return connection.status
    },
    subscribe: (listener) => connection.subscribe(listener),
    close: () => {
      connection.close()
      for (const topic of topics.values()) topic.close()
    },
  }
}

import { backoff } from './backoff.js'
import { Connection } from './connection.js'
import { type ClientOptions, checkOptions, type TokenSource } from './options.js'
import type { ConnectionStatus } from './status.js'
import type { TopicStore } from './store.js'
import { TokenSocket } from './token-socket.js'
import { Topic } from './topic.js'
import { viewerId } from './viewer-id.js'

/** Live counts of any number of topics over one socket. */
export interface Client {
  /** The counts of a topic: the same name and `observe` give the same store. An observer is not counted itself. */
  topic(name: string, options?: { readonly observe?: boolean | undefined }): TopicStore
  /** From now on we are who the token says. Reconnects; the counts stay as they are shown meanwhile. */
  signIn(token: TokenSource): void
  /** From now on we are a viewer. */
  signOut(): void
  /** How the connection as a whole is. */
  readonly status: ConnectionStatus
  /** Calls `listener` after each change of `status`. */
  subscribe(listener: () => void): () => void
  /** Leaves every topic and closes the socket, for good. */
  close(): void
}

/**
 * Connects when the first topic is subscribed to, and again by itself whenever the connection is lost.
 * @throws {ClientError} `bad_option` where the client could never work.
 */
export function createClient(options: ClientOptions): Client {
  checkOptions(options)
  const { url, clientId, linger = 500, random = Math.random } = options
  let token = options.token ?? null

  const connection = new Connection(() => {
    const id = clientId ?? viewerId()
    const { params = {}, ...socket } = options.socket ?? {}
    return new TokenSocket(url, async () => (typeof token === 'function' ? await token() : token), {
      reconnectAfterMs: backoff(random),
      rejoinAfterMs: backoff(random),
      ...socket,
      params: () => ({
        ...(typeof params === 'function' ? params() : params),
        ...(id === false ? {} : { client_id: id }),
      }),
    })
  })

  const topics = new Map<string, Topic>()
  const topicOf = (name: string): Topic => {
    const topic = topics.get(name) ?? new Topic(name, connection, linger)
    topics.set(name, topic)
    return topic
  }

  const signInAs = (source: TokenSource | null): void => {
    token = source
    connection.reconnect()
  }

  return {
    topic: (name, { observe = false } = {}) => topicOf(name)[observe ? 'observed' : 'counted'],
    signIn: signInAs,
    signOut: () => signInAs(null),
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

import { type DefaultGroup, defaultGroups, type Group } from '@headcount/protocol'
import { createRandomId, type IdStorage } from './client-id.js'
import type { ClientError } from './error.js'
import { openSocket } from './open-socket.js'
import { type ClientOptions, check, type TopicOptions } from './options.js'
import type { ConnectionStatus } from './status.js'
import { connectingSnapshot, type TopicSnapshot, type TopicStore } from './store.js'
import type { TokenSource } from './token.js'
import { createTopics } from './topics.js'

/** Live counts of any number of topics over one socket. */
export interface Client<G extends Group = DefaultGroup> {
  /**
   * The counts of a topic. Returns the same store for the same name and options.
   * @throws {ClientError} `bad_option` if the name is not a text, or empty.
   */
  topic(name: string, options?: TopicOptions): TopicStore<G>
  /** Signs in with a token, or renews it, over the open socket. Call it also when the source has another token. */
  signIn(token: TokenSource): void
  /** Continues without a token, as a viewer. If a random client id was sent, over a new socket and with a new id. */
  signOut(): void
  readonly status: ConnectionStatus
  /**
   * Why the client may never connect, or null. Null without a network, which is temporary, unless the function `token`
   * throws an error.
   */
  readonly error: ClientError | null
  /** The snapshot of every topic before its first counts: zeros. */
  readonly connecting: TopicSnapshot<G>
  /** Calls `listener` after each change of `status` or `error`. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void
  /** Leaves all topics and closes the socket. The next subscription connects again. */
  close(): void
}

/** There is no `navigator` in Node.js 20. */
interface WithPrivacyControl {
  readonly navigator?: { readonly globalPrivacyControl?: boolean }
}

/**
 * Creates a client. It connects when the first topic is subscribed to, and reconnects when the connection is lost.
 * @throws {ClientError} `bad_option`
 */
export function createClient<const G extends Group = DefaultGroup>(given: ClientOptions<G>): Client<G> {
  const options = { ...given, url: `${given.url}` }
  check(options)
  const { url, socket = {}, random, groups = defaultGroups as readonly Group[] as readonly G[] } = options
  const connecting = connectingSnapshot(groups)
  const clientId =
    options.globalPrivacyControl && (globalThis as WithPrivacyControl).navigator?.globalPrivacyControl
      ? null
      : options.clientId
  const randomId =
    clientId === 'session' || clientId === 'browser' ? createRandomId(clientId as IdStorage, random) : undefined
  let { token } = options

  const { connection, topic, close } = createTopics({
    ...options,
    ...socket,
    connecting,
    fetchToken: () => (typeof token === 'function' ? token() : token),
    openWebSocket: (fetched) => openSocket(url, socket, fetched, randomId?.get() ?? clientId),
  })

  return {
    connecting,
    topic: (name, given = {}) => {
      check({ ...given, topic: typeof name === 'string' ? name : '' })
      const { observe = false, count = options.count, tabs = options.tabs } = given
      return topic(name).store({ observe, count, tabs })
    },
    signIn: (source) => {
      token = source
      connection.signIn()
    },
    signOut: () => {
      token = null
      randomId?.clear()
      // The server links a socket to the id that it was opened with.
      if (randomId) connection.reconnect()
      else connection.signIn()
    },
    get status() {
      return connection.status()
    },
    get error() {
      return connection.error()
    },
    subscribe: connection.subscribe,
    close,
  }
}

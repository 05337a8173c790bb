import { type DefaultGroup, defaultGroups, type Group } from '@headcount/protocol'
import { createRandomId, type KeptId } from './client-id.js'
import { createConnection } from './connection.js'
import type { ClientError } from './error.js'
import { createFallback } from './fallback.js'
import { openSocket } from './open-socket.js'
import { type ClientOptions, checkOptions, checkTopic, type TopicOptions } from './options.js'
import { createPage } from './page.js'
import type { ConnectionStatus } from './status.js'
import { connectingSnapshot, type TopicSnapshot, type TopicStore } from './store.js'
import { fetchToken, type TokenSource } from './token.js'
import { createTopic, type Topic, type TopicContext } from './topic.js'

/** Live counts of any number of topics over one socket. */
export interface Client<G extends Group = DefaultGroup> {
  /**
   * The counts of a topic. Returns the same store for the same name and options.
   * @throws {ClientError} `bad_option` where the name is not a text, or empty.
   */
  topic(name: string, options?: TopicOptions): TopicStore<G>
  /** Signs in with a token, or renews it, over the open socket. Call it also when the source has another token. */
  signIn(token: TokenSource): void
  /** Goes on without a token, as a viewer. Where a random client id was sent, over a new socket and with a new id. */
  signOut(): void
  readonly status: ConnectionStatus
  /** Why the client may never connect, or null. Without a network it is null: that passes by itself. */
  readonly error: ClientError | null
  /** The snapshot of every topic before its first counts: zeros. */
  readonly connecting: TopicSnapshot<G>
  /** Calls `listener` after each change of `status` or `error`. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void
  /** Leaves all topics and closes the socket. The next subscription connects again. */
  close(): void
}

/**
 * Creates a client. It connects when the first topic is subscribed to, and reconnects when the connection is lost.
 * @throws {ClientError} `bad_option`
 */
export function createClient<const G extends Group = DefaultGroup>(options: ClientOptions<G>): Client<G> {
  checkOptions(options)
  const { url, socket = {}, clientId, linger = 500, hiddenAfter = 10_000, random = Math.random } = options
  const { timeout = 10_000, heartbeatIntervalMs: heartbeat = 30_000 } = socket
  const connecting = connectingSnapshot(options.groups ?? (defaultGroups as readonly Group[] as readonly G[]))
  const randomId =
    clientId === 'session' || clientId === 'browser' ? createRandomId(clientId as KeptId, random) : undefined
  const topics = new Map<string, Topic<G>>()
  const each = (act: (topic: Topic<G>) => void): void => topics.forEach(act)
  const usedTopics = () => [...topics].flatMap(([name, { isUsed }]) => (isUsed() ? name : []))
  let token = options.token ?? null

  const sentId = (): string | null => {
    if (options.globalPrivacyControl && isPrivacyControlOn()) return null
    return randomId ? randomId.get() : (clientId ?? null)
  }
  const fallback = createFallback({
    url,
    wake: () => connection.wake(),
    openWebSocket: (fetched) => openSocket(url, socket, fetched, sentId()),
    topics: usedTopics,
  })
  const connection = createConnection({
    ...{ random, timeout, heartbeat },
    fetchToken: () => fetchToken(token, timeout, fallback.load),
    openSocket: (fetched) => fallback.open(fetched),
    isNeeded: () => usedTopics().length > 0,
    ready: () => {
      fallback.opened()
      each(({ join }) => join())
    },
    lost: () => each(({ lost }) => lost()),
    receive: (message) => topics.get(message.topic)?.receive(message),
  })
  const page = createPage(options.visibility, hiddenAfter, () => {
    if (page.isSuspended()) connection.suspend()
    else connection.wake()
    each(({ update }) => update())
  })
  const context: TopicContext<G> = {
    ...{ connection, page, connecting, linger, random, lockName: `headcount ${url}` },
    open: () => {
      page.start()
      connection.open()
    },
  }

  return {
    connecting,
    topic: (name, given = {}) => {
      checkTopic(name, given)
      const { observe = false, count = options.count ?? 'open', tabs = options.tabs ?? 'each' } = given
      const topic = topics.get(name) ?? createTopic(name, context)
      topics.set(name, topic)
      return topic.store({ observe, count, tabs })
    },
    signIn: (source) => {
      token = source
      connection.signIn()
    },
    signOut: () => {
      token = null
      // The server links a socket to the id that it was opened with.
      const isLinked = randomId && sentId()
      randomId?.forget()
      if (isLinked) connection.reconnect()
      else connection.signIn()
    },
    get status() {
      return connection.status()
    },
    get error() {
      return connection.error()
    },
    subscribe: connection.subscribe,
    close: () => {
      page.stop()
      connection.close()
      each(({ close }) => close())
    },
  }
}

function isPrivacyControlOn(): boolean {
  return (globalThis.navigator as { globalPrivacyControl?: boolean } | undefined)?.globalPrivacyControl === true
}

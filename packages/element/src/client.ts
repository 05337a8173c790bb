import type { Group, TopicSnapshot } from '@headcount/client'
import {
  absolute,
  createConnection,
  createFallback,
  createPage,
  createTopic,
  fetchToken,
  socketUrl,
  subprotocols,
  type Topic,
  type WebSocketLike,
} from '@headcount/client/internal'

const timeout = 10_000
const heartbeat = 30_000
const hiddenAfter = 10_000
const linger = 500

/** Before the first counts, which have the groups of the server. */
const connecting: TopicSnapshot<Group> = { counts: {}, status: 'connecting' }

/** The counts of one server for all elements of a page, over one connection. */
export type ElementClient = ReturnType<typeof createElementClient>

/**
 * A client with what the element uses of `createClient`: no client id, no options, and tokens that are texts.
 * @param url of the server's socket.
 * @param isReader whether it reads Server-Sent Events instead of opening a WebSocket. It can then only observe.
 */
export function createElementClient(url: string, isReader: boolean) {
  const { random } = Math
  const topics = new Map<string, Topic<Group>>()
  const each = (act: (topic: Topic<Group>) => void): void => topics.forEach(act)
  const used = (): string[] => [...topics].flatMap(([name, { isUsed }]) => (isUsed() ? name : []))
  let token: string | null = null

  const sockets = isReader
    ? streams(url, used)
    : createFallback({
        url,
        wake: () => connection.wake(),
        openWebSocket: (given) => new WebSocket(socketUrl(url, {}), subprotocols(given, null)) as WebSocketLike,
        topics: used,
      })
  const connection = createConnection({
    ...{ random, timeout, heartbeat },
    fetchToken: () => fetchToken(token, timeout, sockets.load),
    openSocket: sockets.open,
    isNeeded: () => used().length > 0,
    ready: () => {
      sockets.opened()
      each(({ join }) => join())
    },
    lost: () => each(({ lost }) => lost()),
    receive: (message) => topics.get(message.topic)?.receive(message),
  })
  const page = createPage(undefined, hiddenAfter, () => {
    if (page.isSuspended()) connection.suspend()
    else connection.wake()
    each(({ update }) => update())
  })
  const context = {
    ...{ connection, page, connecting, linger, random, lockName: `headcount ${url}` },
    open: () => {
      page.start()
      connection.open()
    },
  }
  return {
    connection,
    topicOf: (name: string): Topic<Group> => {
      const topic = topics.get(name) ?? createTopic(name, context)
      topics.set(name, topic)
      return topic
    },
    /** Signs in with a token, or out with an empty one; null leaves it as it is. */
    signIn: (given: string | null): void => {
      if (given === null || given === token) return
      token = given
      connection.signIn()
    },
  }
}

/** Sockets that are streams from the first attempt on, and never try a WebSocket. */
function streams(url: string, topics: () => readonly string[]): ReturnType<typeof createFallback> {
  let code: typeof import('@headcount/client/stream-socket')
  return {
    async load() {
      code = await import('@headcount/client/stream-socket')
    },
    open: (token) =>
      code.createStreamSocket({
        ...{ url: absolute(url), token, topics: topics() },
        openWebSocket: () => ({ close() {} }) as WebSocketLike,
        wake() {},
      }),
    opened() {},
  }
}

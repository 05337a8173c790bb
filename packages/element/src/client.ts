import type { Group, TopicSnapshot } from '@headcount/client'
import { createTopics, socketUrl, subprotocols, type WebSocketLike } from '@headcount/client/internal'

/** Before the first counts, which have the groups of the server. */
const connecting: TopicSnapshot<Group> = { counts: {}, status: 'connecting' }

/** The counts of one server for all elements of a page, over one connection. */
export type ElementClient = ReturnType<typeof createElementClient>

/**
 * The part of `createClient` that the element uses: no client id, no options, and tokens that are texts.
 * @param url of the server's socket.
 * @param isReader whether it reads Server-Sent Events instead of opening a WebSocket. It can then only observe.
 */
export function createElementClient(url: string, isReader: boolean) {
  let token: string | null = null
  const { connection, topic } = createTopics({
    ...{ url, connecting, isReader },
    fetchToken: () => token,
    openWebSocket: (given) => new WebSocket(socketUrl(url, {}), subprotocols(given)) as WebSocketLike,
  })
  return {
    connection,
    topic,
    /** Signs in with a token, or out with an empty one; null leaves it as it is. */
    signIn: (given: string | null): void => {
      if (given === null || given === token) return
      token = given
      connection.signIn()
    },
  }
}

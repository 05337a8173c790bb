import { streamUrl } from './address.js'
import type { WebSocketLike } from './connection.js'

export interface FallbackOptions {
  /** The server's socket. */
  readonly url: string
  openWebSocket(token: string | null): WebSocketLike
  /** The topics that have subscribers. */
  topics(): readonly string[]
}

/** Where WebSockets do not open twice in a row, reads Server-Sent Events, by code that is loaded only then. */
export function createFallback({ url, openWebSocket, topics }: FallbackOptions) {
  let streams: typeof import('./stream-socket.js') | undefined
  let failures = 0
  return {
    /** Loads the code, if the next attempt needs it. */
    async load(): Promise<void> {
      if (failures === 2 && globalThis.EventSource) streams = await import('./stream-socket.js')
    },
    /** Opens a WebSocket; after two of them that did not open, a stream. */
    open(token: string | null): WebSocketLike {
      const isStream = streams && failures === 2
      failures = (failures + 1) % 3
      const open = () => openWebSocket(token)
      return isStream
        ? streams!.createStreamSocket({ url: streamUrl(url), token, topics: topics(), openWebSocket: open })
        : open()
    },
    opened(): void {
      failures = 0
    },
  }
}

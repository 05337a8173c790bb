import { absolute } from './address.js'
import type { WebSocketLike } from './connection.js'

export interface FallbackOptions {
  /** Connects now rather than later. */
  wake(): void
  /** The server's socket. */
  readonly url: string
  openWebSocket(token: string | null): WebSocketLike
  /** Whether to read streams only. */
  readonly isReader?: boolean | undefined
  /** The topics that have subscribers. */
  topics(): readonly string[]
}

/** If two WebSockets in a row receive nothing, reads Server-Sent Events, with code that is loaded only then. */
export function createFallback({ url, isReader, openWebSocket, topics, wake }: FallbackOptions) {
  /** Set if the next attempt is a stream. */
  let streams: typeof import('./stream-socket.js') | undefined
  /** The number of consecutive WebSockets that have received nothing. */
  let failures = 0
  const wakeToWebSocket = (): void => {
    failures = 0
    wake()
  }
  return {
    /** Loads the code, if the next attempt needs it. If it cannot be loaded, that attempt is a WebSocket, too. */
    async load(): Promise<void> {
      const isNeeded = (isReader || failures > 1) && globalThis.EventSource
      streams = isNeeded ? await import('./stream-socket.js').catch(() => undefined) : undefined
    },
    /** Opens a WebSocket; after two of them that received nothing, a stream. */
    open(token: string | null): WebSocketLike {
      failures = streams ? 0 : failures + 1
      if (!streams) return openWebSocket(token)
      const probe = isReader ? undefined : () => openWebSocket(token)
      return streams.openStreams(absolute(url), token, topics(), wakeToWebSocket, probe)
    },
    /** The socket works: after a stream that worked, the next attempt is one, too. */
    received(): void {
      failures = streams ? 2 : 0
    },
  }
}

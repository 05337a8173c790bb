import type { WebSocketLike } from './connection.js'

/** How often it is tried to open a WebSocket instead, in ms. */
const retryEvery = 60_000

/** Time in ms between closing a stream and opening the one that replaces it. Changes meanwhile make one stream. */
const pause = 100

export interface StreamOptions {
  /** The server's socket, with its host. */
  readonly url: string
  readonly token: string | null
  /** The topics to start with. Their counts are received before any of them is joined. */
  readonly topics: readonly string[]
  /** Opens the WebSocket in whose place this is, if it is in place of one. */
  readonly openWebSocket: (() => WebSocketLike) | undefined
  /** Called after this has closed because a WebSocket opened: the next attempt need not wait. */
  wake(): void
}

interface Channel {
  readonly joinRef: string
  observe: boolean
  /** Replies to the join, once it is known whether it is allowed. */
  reply: ((status: string, reason?: string) => void) | undefined
}

interface TopicEvent {
  readonly topic: string
  readonly counts?: object
  readonly error?: { readonly code: string }
}

/** The URL of the counts as Server-Sent Events beside a socket: `https://host/api/counts/stream`. */
export function streamUrl(url: string): string {
  return url.replace(/^ws/, 'http').replace(/\/[^/]*\/*(\?.*)?$/, '/api/counts/stream')
}

/**
 * What the client uses where WebSockets are blocked: it takes the same messages, and reads the counts as Server-Sent
 * Events. Topics that are joined to count have one stream, observed ones another. When the topics of a stream change,
 * it is closed before another one is opened: no page counts twice, and with `settle` no count dips. All streams close
 * once a WebSocket opens.
 */
export function createStreamSocket({ url, token, topics, openWebSocket, wake }: StreamOptions): WebSocketLike {
  const channels = new Map<string, Channel>()
  /** The open streams: of counted topics (true), and of observed ones. */
  const streams = new Map<boolean, EventSource>()
  let tried: WebSocketLike | undefined
  let isOpen = false
  let opening: ReturnType<typeof setTimeout> | undefined

  const emit = (...frame: unknown[]): void => socket.onmessage?.({ data: JSON.stringify(frame) })
  const end = (): void => {
    socket.close()
    socket.onclose?.({ code: 1006, reason: '' })
  }
  const receive = ({ topic, counts, error }: TopicEvent): void => {
    const channel = channels.get(topic)
    if (!channel) return
    channel.reply?.(error ? 'error' : 'ok', error?.code.replace(/_/g, ' '))
    channel.reply = undefined
    if (error) channels.delete(topic)
    else emit(channel.joinRef, null, topic, 'presence_state', counts)
  }
  const read = (names: readonly string[], count: boolean): void => {
    const params = new URLSearchParams(names.map((name) => ['topic', name]))
    if (count) params.set('count', 'true')
    if (token) params.set('token', token)
    const stream = new EventSource(`${streamUrl(url)}?${params}`)
    streams.set(count, stream)
    stream.onopen = () => {
      if (isOpen) return
      isOpen = true
      change(false)
      socket.onopen?.()
    }
    stream.onmessage = ({ data }) => receive(JSON.parse(data))
    stream.onerror = end
  }
  const readAll = (): void => {
    opening = undefined
    for (const count of [true, false]) {
      const names = [...channels].filter(([, { observe }]) => observe !== count).map(([name]) => name)
      if (names.length > 0 && !streams.has(count)) read(names, count)
    }
  }
  /** The topics of a stream change: closes it, and opens another one in a moment. */
  const change = (count: boolean): void => {
    streams.get(count)?.close()
    streams.delete(count)
    opening ??= setTimeout(readAll, pause)
  }
  const tryWebSocket = (open: () => WebSocketLike): void => {
    tried?.close()
    try {
      tried = open()
    } catch {
      return // its constructor may throw at each attempt
    }
    tried.onerror = () => {}
    tried.onopen = () => {
      end()
      wake()
    }
  }
  const retry = openWebSocket && setInterval(() => tryWebSocket(openWebSocket), retryEvery)

  const socket: WebSocketLike = {
    onopen: null,
    onmessage: null,
    onerror: null,
    onclose: null,
    send(data) {
      const [joinRef, ref, topic, event, { observe = false }] = JSON.parse(data)
      const reply = (status: string, reason?: string) =>
        emit(joinRef, ref, topic, 'phx_reply', { status, response: { reason } })
      const channel = channels.get(topic)
      if (channel) change(!channel.observe)
      if (event === 'phx_join') {
        channels.set(topic, { joinRef, observe, reply })
        change(!observe)
      } else if (event === 'phx_leave') channels.delete(topic)
      else if (event === 'observe' && channel) {
        channel.observe = observe
        change(!observe)
      }
      if (event === 'token') reply('error', 'unknown event')
      else if (event !== 'phx_join') reply('ok')
    },
    close() {
      clearInterval(retry)
      clearTimeout(opening)
      tried?.close()
      for (const stream of streams.values()) stream.close()
      streams.clear()
    },
  }
  read(topics, false)
  return socket
}

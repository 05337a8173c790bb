import type { WebSocketLike } from './connection.js'

/** Time between attempts to open a WebSocket instead, in ms. */
const retryEvery = 60_000

/** Streams that have sent nothing for this time, in ms, are lost: the server sends a ping after 15 s without counts. */
const silence = 40_000

/** How many topics the server accepts for one stream. */
const maxTopics = 100

/** How long the topics of a stream may be in its URL: many proxies refuse one of 8 kB, which may also have a token. */
const maxLength = 7_000

/** Time in ms between closing a stream and opening the one that replaces it. Changes in between share one stream. */
const pause = 100

interface Channel {
  readonly joinRef: string
  readonly observe: boolean
}

interface TopicEvent {
  readonly topic: string
  readonly counts?: object
  readonly error?: { readonly code: string }
}

const paramsOf = (names: readonly string[]) => new URLSearchParams(names.map((topic) => ['topic', topic]))

/** Whether one stream can have these topics. */
const fits = (names: readonly string[]): boolean => !names[maxTopics] && !`${paramsOf(names)}`[maxLength]

/**
 * The client's socket where WebSockets are blocked: it accepts the same messages, and reads the counts as Server-Sent
 * Events. Counted topics share one stream, observed ones another. When the topics of a stream change,
 * it is closed before another one is opened: no page counts twice, and with `settle` no count dips. All streams close
 * once a WebSocket that was tried meanwhile has received something.
 *
 * @param url The server's socket, with its host.
 * @param topics The topics to start with. Their counts are received before any of them is joined.
 * @param wake Called after this closed because of a WebSocket: the next attempt need not wait.
 * @param openWebSocket Opens the WebSocket that this replaces, if any.
 */
export function openStreams(
  url: string,
  token: string | null,
  topics: readonly string[],
  wake: () => void,
  openWebSocket?: () => WebSocketLike,
): WebSocketLike {
  /** Beside the socket: `https://host/api/counts/stream`. */
  const address = new URL('api/counts/stream', url.replace(/\/*(\?|$).*/, '')).href.replace(/^ws/, 'http')
  const channels = new Map<string, Channel>()
  /** The open streams: of counted topics (false), and of observed ones. */
  const streams = new Map<boolean, EventSource>()
  let tried: WebSocketLike | undefined
  /** When a stream has sent something, in ms since the epoch. */
  let receivedAt = 0
  let opening: ReturnType<typeof setTimeout> | undefined

  const emit = (...frame: unknown[]): void => socket.onmessage!({ data: JSON.stringify(frame) })
  const end = (): void => {
    socket.close()
    socket.onclose!({})
  }
  const receive = ({ data }: { data: string }): void => {
    receivedAt = Date.now()
    try {
      const { topic, counts, error } = JSON.parse(data) as TopicEvent
      const channel = channels.get(topic)
      if (!channel) return
      if (error) {
        const reason = error.code.replace(/_/g, ' ')
        channels.delete(topic)
        emit(null, channel.joinRef, topic, 'phx_reply', { status: 'error', response: { reason } })
      } else emit(channel.joinRef, null, topic, 'presence_state', counts)
    } catch {
      // A ping, which has no data, or text that only a broken proxy or server sends.
    }
  }
  const read = (names: readonly string[], observe: boolean): EventSource => {
    const params = paramsOf(names)
    if (!observe) params.set('count', 'true')
    if (token) params.set('token', token)
    const stream = new EventSource(`${address}?${params}`)
    streams.set(observe, stream)
    stream.onmessage = receive
    stream.addEventListener('ping', receive)
    stream.onerror = end
    return stream
  }
  const readAll = (): void => {
    opening = undefined
    for (const observe of [false, true]) {
      const names = [...channels.keys()].filter((name) => channels.get(name)!.observe === observe)
      if (names[0] && !streams.has(observe)) read(names, observe)
    }
  }
  /** The topics of a stream change: closes it, and soon opens another one. */
  const change = (observe = true): void => {
    streams.get(observe)?.close()
    streams.delete(observe)
    opening ??= setTimeout(readAll, pause)
  }
  const tryWebSocket = (): void => {
    tried?.close()
    try {
      tried = openWebSocket!()
    } catch {
      return // its constructor may throw at each attempt
    }
    tried.onerror = () => {}
    // Some proxies open a socket and pass no messages.
    tried.onopen = () => tried!.send('[null,"0","phoenix","heartbeat",{}]')
    tried.onmessage = () => {
      end()
      wake()
    }
  }
  const retry = openWebSocket && setInterval(tryWebSocket, retryEvery)

  const socket = {
    send(data) {
      const [joinRef, , topic, event, { observe = false }] = JSON.parse(data)
      const before = channels.get(topic)
      if (before) change(before.observe)
      channels.delete(topic)
      // A further topic joins again after its timeout.
      if ((event === 'phx_join' || event === 'observe') && fits([...channels.keys(), topic])) {
        channels.set(topic, { joinRef, observe })
        change(observe)
      }
      // The clock may have been set back.
      if (event === 'heartbeat' && Math.abs(Date.now() - receivedAt) < silence) emit()
      // Another token needs another stream.
      if (event === 'token') end()
    },
    close() {
      clearInterval(retry)
      clearTimeout(opening)
      tried?.close()
      for (const stream of streams.values()) stream.close()
    },
  } as WebSocketLike
  const first: string[] = []
  for (const topic of topics) if (fits([...first, topic])) first.push(topic)
  read(first, true).onopen = () => {
    change()
    socket.onopen!()
  }
  return socket
}

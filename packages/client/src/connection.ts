import { createRetries } from './backoff.js'
import { ClientError } from './error.js'
import { type Message, readFrame } from './frame.js'
import { createListeners } from './listeners.js'
import type { ClientOptions, SocketOptions } from './options.js'
import type { ConnectionStatus } from './status.js'
import { createTimer } from './timer.js'
import { renewalOf } from './token.js'

/** The parts of a WebSocket that the client uses. */
export interface WebSocketLike {
  /** 3: closed. */
  readonly readyState?: number
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onerror: ((event: { message?: string }) => void) | null
  onclose: ((event: { code?: number; reason?: string }) => void) | null
  send(data: string): void
  close(): void
}

/** The payload of `phx_reply`. */
export interface Reply {
  readonly status: string
  readonly response?: { readonly reason?: string }
}

export interface ConnectionOptions
  extends Pick<ClientOptions, 'random'>,
    Pick<SocketOptions, 'timeout' | 'heartbeatIntervalMs'> {
  fetchToken(): Promise<string | null | undefined>
  /** @throws {ClientError} if no WebSocket can be opened. */
  openSocket(token: string | null): WebSocketLike
  /** The topics that have subscribers. Without one the connection is closed at the next heartbeat or attempt. */
  topics(): readonly string[]
  /** The socket has opened, or its client was signed in or out: topics join. */
  ready(): void
  /** The socket is lost, and with it all channels and requests. @param isOn false if the connection was closed. */
  lost(isOn: boolean): void
  receive(...message: Message): void
}

/** The state of a connection, as applications see it. */
export interface ConnectionState {
  status(): ConnectionStatus
  error(): ClientError | null
  /** Calls `listener` after each change of the status or the error. */
  subscribe(listener: () => void): () => void
}

/** The part of a connection that its topics use. */
export interface ChannelConnection extends Pick<ConnectionState, 'status'> {
  /** Sends a message. @param joinRef of the channel; that of a join is its own ref. @returns the ref of the message. */
  push(topic: string, event: string, payload: object, joinRef?: string | null): string
}

/** The WebSocket of a client: opened for the first topic, kept alive, and opened again after it was lost. */
export interface Connection extends ConnectionState, ChannelConnection {
  /** Connects, unless it is connected or connecting. */
  open(): void
  /** Closes the socket. `open` makes another one. */
  close(status?: 'idle' | 'closed'): void
  /** Closes the socket until `wake`. */
  suspend(): void
  /** The network may be back: connects now rather than later, or checks that the socket is alive. */
  wake(): void
  /** Uses the current token of its source: on the open socket, or else for a new one. */
  signIn(): void
  /** Replaces the socket: the client's identity has changed. */
  reconnect(): void
}

export function createConnection(options: ConnectionOptions): Connection {
  const { timeout = 10_000, heartbeatIntervalMs = 24_000, random, ready, lost } = options
  const { subscribe, notify } = createListeners()
  const retries = createRetries(random)
  /** Of the pending step: a token, the socket, the next heartbeat, an answer or the next attempt. */
  const timer = createTimer()
  let status: ConnectionStatus = 'idle'
  let error: ClientError | null = null
  let socket: WebSocketLike | undefined
  /** Whether the pending step is the next attempt. */
  let isWaiting = false
  /** Whether it was opened, and not closed since. */
  let isOn = false
  /** Whether the pending step is to replace an open socket, unless it receives something. */
  let isDue = false
  let lastRef = 0
  /** The number of tokens fetched, and of sockets dropped: results of an earlier fetch are ignored. */
  let fetches = 0
  /** When to send a token on the open socket, in ms since the epoch. */
  let renewAt: number
  /** When to renew the token that was fetched last, if the server accepts it. */
  let expiry: number
  /** The ref of the last token that was sent, until another one is fetched. */
  let tokenRef: string | undefined

  const update = (newStatus: ConnectionStatus, newError = error): void => {
    if (status === newStatus && error === newError) return
    status = newStatus
    error = newError
    notify()
  }
  const fail = (code: 'refused' | 'invalid_token' | 'no_token', message?: string): void =>
    update(status, new ClientError(code, message))

  const fetchToken = (then: (token: string | null) => void, failed: () => void): void => {
    const fetch = ++fetches
    tokenRef = undefined
    options.fetchToken().then(
      (token = null) => {
        if (fetch !== fetches) return
        expiry = renewalOf(token)
        then(token)
      },
      (cause) => {
        if (fetch !== fetches) return
        fail('no_token', `${cause}`)
        failed()
      },
    )
  }
  /** Cancels the pending step, and closes the socket. */
  const drop = (): void => {
    isWaiting = false
    renewAt = Number.POSITIVE_INFINITY
    timer()
    fetches++
    const dropped = socket
    socket = undefined
    if (dropped) {
      dropped.onmessage = dropped.onerror = dropped.onclose = () => {}
      // React Native for Android ignores a call of `close` before this.
      dropped.onopen = () => dropped.close()
      dropped.close()
    }
  }
  const suspend = (): void => {
    drop()
    if (status === 'live') update('stale')
    lost(isOn)
    isWaiting = true
  }
  const retry = (): void => {
    suspend()
    // A listener may have closed the client.
    if (isOn) schedule(connect, retries.next())
  }
  const connect = (): void => {
    drop()
    if (!isOn) return
    timer(retry, timeout)
    fetchToken(openSocket, retry)
  }
  const reconnect = (): void => {
    suspend()
    connect()
  }
  const push: Connection['push'] = (topic, event, payload, joinRef) => {
    const ref = `${++lastRef}`
    socket?.send(JSON.stringify([joinRef === undefined ? ref : joinRef, ref, topic, event, payload]))
    return ref
  }
  /** Sends a message of the socket, not of a topic. If nothing is received after it the socket is lost. */
  const ask = (event: string, payload: object): string => {
    // A further message, as each time that the page is shown, does not extend the timeout of the first one.
    if (!isDue) schedule(retry, timeout)
    return push('phoenix', event, payload, null)
  }

  const openSocket = (token: string | null): void => {
    try {
      socket = options.openSocket(token)
      timer(retry, timeout)
      socket.onopen = () => {
        // Some proxies open a socket and pass no messages: topics expect answers to their joins.
        schedule(retry, timeout)
        accepted()
      }
      socket.onmessage = ({ data }) => {
        alive()
        const [joinRef, ref = null, topic, event, payload] = readFrame(data)
        if (ref === tokenRef) answered((payload ?? {}) as Reply)
        else options.receive(topic, event, payload ?? {}, joinRef, ref)
      }
      // Browsers do not report why a socket failed. The message of the package ws has the status of the response.
      socket.onerror = ({ message }) => {
        if (/ 40\d/.test(message as string)) fail('refused', message)
        // Chromium emits no `close` if a Content Security Policy blocks the WebSocket.
        if (socket?.readyState === 3) retry()
      }
      socket.onclose = ({ code, reason }) => {
        if (code === 1008) fail('refused', reason)
        retry()
      }
    } catch (cause) {
      update(status, cause as ClientError)
      retry()
    }
  }

  /** The server has accepted the token that was fetched last, or none. */
  const accepted = (): void => {
    retries.succeeded()
    renewAt = Math.max(expiry, Date.now() + heartbeatIntervalMs)
    update('live', null)
    ready()
  }
  /** The next step of an open or a lost socket. If no topic needs it, the connection is closed instead. */
  const schedule = (step: () => void, ms: number): void => {
    isDue = step === retry
    timer(() => (options.topics()[0] ? step() : close('idle')), ms)
  }
  /** The socket has received something. */
  const alive = (): void => {
    if (Date.now() >= renewAt) sendToken()
    schedule(beat, Math.min(heartbeatIntervalMs, renewAt - Date.now()))
  }
  const beat = (): void => {
    ask('heartbeat', {})
  }

  const sendTokenLater = (): void => {
    renewAt = Date.now() + retries.next()
    alive()
  }
  /** Signs in on the open socket with a fetched token. */
  const sendToken = (): void => {
    renewAt = Date.now() + timeout
    fetchToken((token) => {
      tokenRef = ask('token', { token })
      // A stream has closed, because another token needs another one.
      if (isWaiting) connect()
    }, sendTokenLater)
  }
  /** The server has answered the token. */
  const answered = ({ status, response }: Reply): void => {
    const reason = response?.reason
    renewAt = Number.POSITIVE_INFINITY
    if (status === 'ok') accepted()
    else if (reason === 'invalid token') fail('invalid_token', reason)
    else sendTokenLater()
  }
  const close = (newStatus: 'idle' | 'closed' = 'closed'): void => {
    isOn = false
    drop()
    update(newStatus)
    lost(isOn)
  }

  return {
    status: () => status,
    error: () => error,
    subscribe,
    push,
    close,
    open() {
      if (isOn) return
      isOn = true
      update('connecting')
      connect()
    },
    suspend,
    wake() {
      if (status === 'live') beat()
      else if (isWaiting) connect()
    },
    signIn() {
      if (status === 'live') sendToken()
      else reconnect()
    },
    reconnect,
  }
}

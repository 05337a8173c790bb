import { createRetries } from './backoff.js'
import { ClientError } from './error.js'
import { readFrame } from './frame.js'
import { createListeners } from './listeners.js'
import { createRequests, type Done } from './requests.js'
import type { ConnectionStatus } from './status.js'
import { createTimer } from './timer.js'
import { renewalOf } from './token.js'

/** The parts of a WebSocket that the client uses. */
export interface WebSocketLike {
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onerror: ((event: { message?: string }) => void) | null
  onclose: ((event: { code: number; reason: string }) => void) | null
  send(data: string): void
  close(): void
}

interface Reply {
  readonly status: string
  readonly response?: { readonly reason?: string }
}

export interface ConnectionOptions {
  fetchToken(): Promise<string | null>
  /** @throws {ClientError} where no WebSocket can be opened. */
  openSocket(token: string | null): WebSocketLike
  /** Returns a number in [0, 1), for the jitter of delays. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
  /** How long anything that may hang is waited for, in ms. Default: 10,000. */
  readonly timeout?: number | undefined
  /** Default: 30,000. */
  readonly heartbeatIntervalMs?: number | undefined
  /** The topics that have subscribers. Without one the socket is closed at the next heartbeat. */
  topics(): readonly string[]
  /** The socket has opened, or its client was signed in or out: topics join. */
  ready(): void
  /** The socket is lost, and with it all channels and requests. */
  lost(): void
  /** Called with each message but replies. */
  receive(topic: string, event: string, payload: object, joinRef: string | null): void
}

/** The WebSocket of a client: opened for the first topic, kept alive, and opened again after it was lost. */
export interface Connection {
  status(): ConnectionStatus
  error(): ClientError | null
  /** Calls `listener` after each change of the status or the error. */
  subscribe(listener: () => void): () => void
  /** Connects, unless it has done so. */
  open(): void
  /** Closes the socket. `open` makes another one. */
  close(status?: 'idle' | 'closed'): void
  /** Closes the socket until `wake`. */
  suspend(): void
  /** The network may have come back: connects now rather than later, or checks that the socket is alive. */
  wake(): void
  /** Uses the token that its source has now: on the open socket, or else for a new one. */
  signIn(): void
  /** Replaces the socket: who the client is has changed. */
  reconnect(): void
  /**
   * Sends a message, and calls `done` when it was answered.
   * @param joinRef of the channel; that of a join is its own ref.
   * @returns the ref of the message.
   */
  push(topic: string, event: string, payload: object, joinRef: string | null, done?: Done): string
}

export function createConnection(options: ConnectionOptions): Connection {
  const { timeout = 10_000, heartbeatIntervalMs = 30_000, random, ready, lost } = options
  const { subscribe, notify } = createListeners()
  const requests = createRequests(timeout)
  const reconnects = createRetries(random)
  const renewals = createRetries(random)
  /** Of the step that is waited for: the socket, the next heartbeat or the next attempt. */
  const timer = createTimer()
  let status: ConnectionStatus = 'idle'
  let error: ClientError | null = null
  let socket: WebSocketLike | undefined
  /** Whether the next attempt is waited for. */
  let isWaiting = false
  /** When to renew the token, in ms since the epoch; 0 where the application has signed in or out. */
  let renewAt = 0
  /** The request that fetches a token for the open socket, or sends it. */
  let signingIn: string | undefined

  const update = (newStatus: ConnectionStatus, newError = error): void => {
    if (status === newStatus && error === newError) return
    status = newStatus
    error = newError
    notify()
  }
  const fail = (code: 'refused' | 'invalid_token', message: string): void =>
    update(status, new ClientError(code, message))
  const isOff = (): boolean => status === 'idle' || status === 'closed'
  const isTrying = (): boolean => !isOff() && !isWaiting

  /** Fetches the token as a request: it has a time-out, and its result is dropped with the socket. */
  const fetchToken = (then: (token: string | null) => void, failed: () => void): string => {
    const ref = requests.add((status, token = null) => (status === 'ok' ? then(token) : failed()))
    options.fetchToken().then(
      (token) => requests.end(ref, 'ok', token),
      () => requests.end(ref, 'error'),
    )
    return ref
  }
  /** Ends all that is waited for, and closes the socket. */
  const drop = (): void => {
    isWaiting = false
    timer()
    requests.clear()
    if (socket) {
      socket.onopen = socket.onmessage = socket.onerror = socket.onclose = () => {}
      socket.close()
      socket = undefined
    }
  }
  const lose = (): void => {
    drop()
    if (status === 'live') update('stale')
    lost()
  }
  const suspend = (): void => {
    lose()
    isWaiting = true
  }
  const retry = (): void => {
    suspend()
    timer(connect, reconnects.next())
  }
  const connect = (): void => {
    drop()
    fetchToken(openSocket, retry)
  }
  const reconnect = (): void => {
    if (!isTrying()) return
    lose()
    connect()
  }
  const push: Connection['push'] = (topic, event, payload, joinRef, done) => {
    const ref = requests.add(done)
    socket?.send(JSON.stringify([event === 'phx_join' ? ref : joinRef, ref, topic, event, payload]))
    return ref
  }

  const openSocket = (token: string | null): void => {
    try {
      socket = options.openSocket(token)
      timer(retry, timeout)
      socket.onopen = () => {
        reconnects.succeeded()
        waitForBeat()
        accepted(token)
      }
      socket.onmessage = ({ data }) => {
        const [joinRef, ref, topic, event, payload] = readFrame(data)
        const { status, response } = payload as Reply
        if (event === 'phx_reply') requests.end(ref, status, response?.reason)
        else options.receive(topic, event, payload, joinRef)
      }
      // Browsers do not say why a socket failed. The message of the package ws has the status of the response.
      socket.onerror = ({ message = '' }) => {
        if (/ 40\d/.test(message)) fail('refused', message)
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

  /** The server has accepted a token, or none. */
  const accepted = (token: string | null): void => {
    renewAt = renewalOf(token)
    update('live', null)
    ready()
  }
  const waitForBeat = (): void => timer(() => (options.topics()[0] ? beat() : close('idle')), heartbeatIntervalMs)
  const beat = (): void => {
    waitForBeat()
    if (Date.now() > renewAt) sendToken()
    push('phoenix', 'heartbeat', {}, null, (status) => status === 'timeout' && retry())
  }

  /**
   * Signs in on the open socket with a fetched token. A server without the event gets a new socket, unless the client
   * stays signed in anyway.
   */
  const sendToken = (): void => {
    const due = renewAt
    const later = (): void => {
      renewAt = due
      timer(beat, renewals.next())
    }
    renewAt = Number.POSITIVE_INFINITY
    requests.forget(signingIn)
    signingIn = fetchToken((token) => {
      const done: Done = (status, reason) => {
        if (status === 'ok') {
          renewals.succeeded()
          accepted(token)
        } else if (reason === 'invalid token') fail('invalid_token', reason)
        else if (reason === 'token cannot be checked') later()
        else if (status === 'timeout' || due === 0) reconnect()
      }
      signingIn = push('phoenix', 'token', { token }, null, done)
    }, later)
  }
  const close = (newStatus: 'idle' | 'closed' = 'closed'): void => {
    drop()
    update(newStatus)
  }

  return {
    status: () => status,
    error: () => error,
    subscribe,
    push,
    close,
    open() {
      if (!isOff()) return
      update('connecting')
      connect()
    },
    suspend() {
      if (isTrying()) suspend()
    },
    wake() {
      if (status === 'live') beat()
      else if (isWaiting) connect()
    },
    signIn() {
      renewAt = 0
      if (status === 'live') sendToken()
      else reconnect()
    },
    reconnect,
  }
}

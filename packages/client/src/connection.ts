import { encodePush } from '@headcount/protocol'
import { createRetries } from './backoff.js'
import { ClientError } from './error.js'
import { type Received, readFrame } from './frame.js'
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

export interface ConnectionOptions {
  fetchToken(): Promise<string | null>
  /** @throws {ClientError} where no WebSocket can be opened. */
  openSocket(token: string | null): WebSocketLike
  /** Returns a number in [0, 1), for the jitter of delays. */
  random(): number
  /** How long anything that may hang is waited for, in ms. */
  readonly timeout: number
  /** Time between two heartbeats, in ms. */
  readonly heartbeat: number
  /** Whether a topic needs the connection. Without one it is closed at the next heartbeat. */
  isNeeded(): boolean
  /** The socket has opened, or its client was signed in or out: topics join. */
  ready(): void
  /** The socket is lost, and with it all channels and requests. */
  lost(): void
  receive(message: Received): void
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
   * @param joinRef the ref of the message itself by default, as in a join.
   * @returns the ref of the message.
   */
  push(topic: string, event: string, payload: object, done?: Done, joinRef?: string | null): string
}

export function createConnection(options: ConnectionOptions): Connection {
  const { timeout, heartbeat, random, ready, lost } = options
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
  /** When to renew the token, in ms since the epoch. */
  let renewAt = 0
  /** Whether the application has signed in or out since the token was last sent. */
  let isSigningIn = false
  /** Counts attempts to connect or to sign in. The result of an earlier one is dropped. */
  let attempt = 0

  const update = (newStatus: ConnectionStatus, newError = error): void => {
    if (status === newStatus && error === newError) return
    status = newStatus
    error = newError
    notify()
  }
  const fail = (code: 'refused' | 'invalid_token', message: string): void =>
    update(status, new ClientError(code, message))
  const isOff = (): boolean => status === 'idle' || status === 'closed'

  /**
   * Fetches the token for a new attempt. Neither callback is called after the next one has begun.
   * @param then is also given a function that returns whether the attempt is the current one still.
   */
  const fetchToken = (then: (token: string | null, isCurrent: () => boolean) => void, failed: () => void): void => {
    const mine = ++attempt
    const isCurrent = (): boolean => mine === attempt
    options.fetchToken().then(
      (token) => isCurrent() && then(token, isCurrent),
      () => isCurrent() && failed(),
    )
  }
  /** Ends all that is waited for, and closes the socket. */
  const drop = (): void => {
    const dropped = socket
    socket = undefined
    isWaiting = false
    attempt++
    timer()
    requests.clear()
    dropped?.close()
  }
  const lose = (): void => {
    drop()
    if (status === 'live') update('stale')
    lost()
  }
  const retry = (): void => {
    lose()
    isWaiting = true
    timer(connect, reconnects.next())
  }
  const connect = (): void => {
    drop()
    fetchToken(openSocket, retry)
  }
  const reconnect = (): void => {
    lose()
    connect()
  }
  const push: Connection['push'] = (topic, event, payload, done, joinRef) => {
    const ref = requests.add(done)
    socket?.send(encodePush({ joinRef: joinRef === undefined ? ref : joinRef, ref, topic, event, payload }))
    return ref
  }

  const openSocket = (token: string | null): void => {
    try {
      const opening = options.openSocket(token)
      // Not by attempts: signing in on the open socket is another one.
      const on =
        <T>(callback: (event: T) => void) =>
        (event: T): void => {
          if (socket === opening) callback(event)
        }
      socket = opening
      timer(retry, timeout)
      opening.onopen = on<void>(() => {
        reconnects.succeeded()
        waitForBeat()
        accepted(token)
      })
      opening.onmessage = on(({ data }: { data: unknown }) => {
        const message = readFrame(data)
        const { status = '', response } = (message?.payload ?? {}) as {
          status?: string
          response?: { reason?: string }
        }
        if (message?.event === 'phx_reply') requests.end(message.ref, status, response?.reason)
        else if (message) options.receive(message)
      })
      // Browsers do not say why a socket failed. The message of the package ws has the status of the response.
      opening.onerror = on(({ message = '' }: { message?: string }) => {
        if (/ 40\d/.test(message)) fail('refused', message)
      })
      opening.onclose = on(({ code, reason }: { code: number; reason: string }) => {
        if (code === 1008) fail('refused', reason)
        retry()
      })
    } catch (cause) {
      update(status, cause as ClientError)
      retry()
    }
  }

  /** The server has accepted a token, or none. */
  const accepted = (token: string | null): void => {
    isSigningIn = false
    renewAt = renewalOf(token)
    update('live', null)
    ready()
  }
  const waitForBeat = (): void => timer(() => (options.isNeeded() ? beat() : close('idle')), heartbeat)
  const beat = (): void => {
    waitForBeat()
    if (Date.now() > renewAt) sendToken()
    push('phoenix', 'heartbeat', {}, (status) => status === 'timeout' && retry(), null)
  }

  /**
   * Signs in on the open socket with a fetched token. A server without the event gets a new socket, unless the client
   * stays signed in anyway.
   */
  const sendToken = (): void => {
    const later = (): void => {
      renewAt = 0
      timer(beat, renewals.next())
    }
    renewAt = Number.POSITIVE_INFINITY
    fetchToken((token, isCurrent) => {
      const done: Done = (status, reason) => {
        if (!isCurrent()) return
        if (status === 'ok') {
          renewals.succeeded()
          accepted(token)
        } else if (reason === 'invalid token') fail('invalid_token', reason)
        else if (reason === 'token cannot be checked') later()
        else if (status === 'timeout' || isSigningIn) reconnect()
      }
      push('phoenix', 'token', { token }, done, null)
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
      if (isOff() || isWaiting) return
      lose()
      isWaiting = true
    },
    wake() {
      if (status === 'live') beat()
      else if (isWaiting) connect()
    },
    signIn() {
      isSigningIn = true
      if (status === 'live') sendToken()
      else if (!isOff() && !isWaiting) connect()
    },
    reconnect() {
      if (!isOff() && !isWaiting) reconnect()
    },
  }
}

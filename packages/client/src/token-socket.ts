import { Socket } from 'phoenix'
import type { SocketOptions } from './options.js'

/** How long, in ms, a token may take before it is fetched again. */
const tokenTimeout = 10_000

/** phoenix 1.8.0 reads `authToken` as a string, later versions call it: a function that converts to the token. */
type AuthToken = (() => string) & { toString(): string }

/**
 * The stock socket, which fetches its token before each connect, reconnects included. It sends the token as `authToken`
 * where this version of phoenix has it (1.8), otherwise as the param `token` (1.7).
 *
 * A subclass, because phoenix calls `connect` itself to reconnect and has no other hook that may wait.
 */
export class TokenSocket extends Socket {
  declare authToken?: AuthToken | undefined
  readonly #fetchToken: () => Promise<string | null>
  readonly #retryAfter: (tries: number) => number
  readonly #params: { token?: string }
  #attempt = 0
  /** Ends the wait for a token, or for the next attempt. */
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `fetchToken` resolves to null for an anonymous client. After a failure it is retried, by `reconnectAfterMs`. */
  constructor(
    url: string,
    fetchToken: () => Promise<string | null>,
    options: SocketOptions & { params: () => object; reconnectAfterMs: (tries: number) => number },
  ) {
    const params = {}
    super(url, { ...options, params: () => ({ ...options.params(), ...params }) })
    this.#fetchToken = fetchToken
    this.#retryAfter = options.reconnectAfterMs
    this.#params = params
  }

  override connect(): void {
    const attempt = this.#cancelAttempt()
    const ifCurrent = (callback: () => void) => () => {
      if (attempt === this.#attempt) callback()
    }
    const retry = (error: unknown): void => {
      if (this.hasLogger()) this.log('connect', 'connecting failed, retrying', error)
      ifCurrent(() => {
        this.#cancelAttempt()
        this.#timer = setTimeout(() => this.connect(), this.#retryAfter(1))
      })()
    }
    this.#timer = setTimeout(() => retry(new Error('no token within 10 s')), tokenTimeout)
    this.#fetchToken()
      .then((token) =>
        ifCurrent(() => {
          clearTimeout(this.#timer)
          this.#setToken(token)
          // The constructor of a WebSocket throws where its URL is not allowed: ws: in a page of https:.
          super.connect()
        })(),
      )
      .catch(retry)
  }

  override disconnect(callback?: () => void, code?: number, reason?: string): void {
    this.#cancelAttempt()
    super.disconnect(callback, code, reason)
  }

  /** Ends what is waited for, and ignores a token that is being fetched. Returns the number of the next attempt. */
  #cancelAttempt(): number {
    clearTimeout(this.#timer)
    return ++this.#attempt
  }

  #setToken(token: string | null): void {
    if ('authToken' in this) this.authToken = token ? authToken(token) : undefined
    else if (token) this.#params.token = token
    else delete this.#params.token
  }
}

const authToken = (token: string): AuthToken => Object.assign(() => token, { toString: () => token })

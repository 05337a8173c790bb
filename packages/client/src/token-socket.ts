import { Socket } from 'phoenix'
import type { SocketOptions } from './options.js'

/** A function for a phoenix that calls its `authToken`, a string for one (1.8.0) that reads it. */
type AuthToken = (() => string) & { toString(): string }

/**
 * The stock socket, but for one thing: each time before it connects, also by itself after a loss, it asks for the
 * token. The token goes as `authToken` where this phoenix has it (1.8), else as the param `token` (1.7).
 */
export class TokenSocket extends Socket {
  declare authToken?: AuthToken | undefined
  readonly #ask: () => Promise<string | null>
  readonly #retryAfter: (tries: number) => number
  readonly #params: { token?: string }
  #attempt = 0
  #failures = 0
  #retry: ReturnType<typeof setTimeout> | undefined

  /** `ask` gives the token, null for nobody; where it fails it is asked again after `options.reconnectAfterMs`. */
  constructor(
    url: string,
    ask: () => Promise<string | null>,
    options: SocketOptions & { params: () => object; reconnectAfterMs: (tries: number) => number },
  ) {
    const own = {}
    super(url, { ...options, params: () => ({ ...options.params(), ...own }) })
    this.#ask = ask
    this.#retryAfter = options.reconnectAfterMs
    this.#params = own
  }

  override connect(): void {
    const attempt = this.#supersede()
    this.#ask().then(
      (token) => {
        if (attempt !== this.#attempt) return
        this.#failures = 0
        this.#carry(token)
        super.connect()
      },
      (error: unknown) => {
        if (this.hasLogger()) this.log('token', 'expected a token, got an error: asking again', error)
        if (attempt !== this.#attempt) return
        this.#retry = setTimeout(() => this.connect(), this.#retryAfter(++this.#failures))
      },
    )
  }

  override disconnect(callback?: () => void, code?: number, reason?: string): void {
    this.#supersede()
    super.disconnect(callback, code, reason)
  }

  /** Whatever was under way is so no longer. */
  #supersede(): number {
    clearTimeout(this.#retry)
    return ++this.#attempt
  }

  #carry(token: string | null): void {
    if ('authToken' in this) this.authToken = token ? authToken(token) : undefined
    else if (token) this.#params.token = token
    else delete this.#params.token
  }
}

const authToken = (token: string): AuthToken => Object.assign(() => token, { toString: () => token })

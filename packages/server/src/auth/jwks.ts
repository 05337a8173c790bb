import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'

/** The part of `fetch` that is needed here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface JwksOptions {
  readonly fetch?: Fetch
  /** How long, in ms, a fetch may take. */
  readonly timeout?: number
  /** How long, in ms, keys are kept before they are fetched again. */
  readonly maxAge?: number
  /** How long, in ms, after a fetch no other is made for the sake of a key that it did not bring. */
  readonly coolDown?: number
  /** How long, in ms, after a fetch no other is made at all, be it that it failed. */
  readonly retry?: number
  /** Now, in ms, for `retry`. */
  readonly now?: () => number
}

/**
 * The keys behind a JWKS URL, fetched when first needed, kept, and fetched again when they are old or a token names a
 * key that is not there. Tokens that come meanwhile share the one fetch, and while the URL is down most fail at once
 * rather than try again, so that a storm of sockets cannot become a storm of requests.
 */
export function jwksKeys(url: string, options: JwksOptions = {}): JWTVerifyGetKey {
  const { fetch = globalThis.fetch, timeout = 5_000, maxAge = 600_000, coolDown = 30_000 } = options
  const { retry = 5_000, now = () => performance.now() } = options
  let fetchedAt = Number.NEGATIVE_INFINITY
  const patientFetch: Fetch = async (at, init) => {
    if (now() - fetchedAt < retry) throw new Error(`expected ${retry} ms between fetches of the JWKS, got less`)
    try {
      return await fetch(at, init)
    } finally {
      fetchedAt = now()
    }
  }
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeout,
    cacheMaxAge: maxAge,
    cooldownDuration: coolDown,
    [customFetch]: patientFetch,
  })
}

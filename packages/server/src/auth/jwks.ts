import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'

/** How a JWKS is fetched. All times are in ms. */
export interface JwksOptions {
  /** Longest time for one fetch. */
  readonly timeout?: number
  /** How long keys are kept before they are fetched again. */
  readonly maxAge?: number
  /** Minimum delay between a fetch and the next one for a key that it did not have. */
  readonly cooldown?: number
  /** Minimum delay between two fetches, also where the first one failed. */
  readonly retryDelay?: number
  fetch?(url: string, init: RequestInit): Promise<Response>
  /** The time, in ms. */
  now?(): number
}

/**
 * The keys at a JWKS URL: fetched when first needed, cached, and fetched again when they are old or a token names a key
 * that is not among them. Tokens that arrive during a fetch share it. While the URL is unreachable most tokens fail
 * without a fetch, so many sockets do not make many requests.
 */
export function jwksKeys(url: string, options: JwksOptions = {}): JWTVerifyGetKey {
  const { timeout = 5_000, maxAge = 600_000, cooldown = 30_000, retryDelay = 5_000 } = options
  const { fetch = globalThis.fetch, now = () => performance.now() } = options
  let lastFetch = Number.NEGATIVE_INFINITY
  const limitedFetch = async (address: string, init: RequestInit): Promise<Response> => {
    if (now() - lastFetch < retryDelay) throw new Error(`the JWKS was fetched less than ${retryDelay} ms ago`)
    try {
      return await fetch(address, init)
    } finally {
      lastFetch = now()
    }
  }
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeout,
    cacheMaxAge: maxAge,
    cooldownDuration: cooldown,
    [customFetch]: limitedFetch,
  })
}

import type { CryptoKey, createLocalJWKSet, errors, JSONWebKeySet, JWTHeaderParameters } from 'jose'

/** How a JWKS is fetched. All times are in ms. */
export interface JwksOptions {
  /** Longest time for one fetch, its body included. */
  readonly timeout?: number
  /** Minimum delay between a fetch and the next one for a key that it did not have. */
  readonly cooldown?: number
  /** Minimum delay between two fetches, even if the first one failed. */
  readonly retryDelay?: number
  /** Called when a fetch failed. @param hasKeys whether the last keys are used instead. */
  failed?(error: unknown, hasKeys: boolean): void
  /** The time, in ms. */
  now?(): number
}

/** How long, in ms, keys are used before they are fetched again, and while that fails. */
const [maxAge, maxStaleAge] = [600_000, 86_400_000]

const maxBytes = 256 * 1024

/** Maximum keys tried for a token without a key id: anyone may send one, and each key costs a verification. */
const maxTried = 32

type KeySet = ReturnType<typeof createLocalJWKSet>

export interface Jwks {
  readonly url: string
  /** The keys that match a token's header, possibly none. Rejects if no keys are available. */
  find(header: JWTHeaderParameters): Promise<CryptoKey[]>
  /** Fetches the keys; until then the last ones are used. Resolves with their number. Rejects if that fails. */
  refetch(): Promise<number>
}

/**
 * The keys at a JWKS URL: fetched when first needed, cached, and fetched again when they are old or a token names an
 * unknown key. Tokens that arrive during a fetch share it. While the URL is unreachable the last keys are used for a
 * day, and many tokens do not make many requests.
 */
export function jwksKeys(url: string, options: JwksOptions = {}): Jwks {
  const { timeout = 5_000, cooldown = 30_000, retryDelay = 5_000, failed, now = () => performance.now() } = options
  let keys: KeySet | undefined
  let fetchedAt = Number.NEGATIVE_INFINITY
  let triedAt = Number.NEGATIVE_INFINITY
  let fetching: Promise<void> | undefined
  let lastFetch = 0

  const load = async (): Promise<void> => {
    const fetchNumber = ++lastFetch
    try {
      // A redirect could lead to an address inside the network.
      const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeout) })
      if (response.status !== 200) throw new Error(`status ${response.status}`)
      const keySet = JSON.parse(await textOf(response)) as JSONWebKeySet
      const { createLocalJWKSet } = await import('jose')
      const fetched = createLocalJWKSet(withoutNameOfEd25519(keySet))
      // Stale response: `refetch` has begun a newer one.
      if (fetchNumber !== lastFetch) return await fetching
      // Such a server is not ready, or fails: no issuer withdraws all of its keys.
      if (keySet.keys.length === 0) throw new Error('no keys')
      keys = fetched
      fetchedAt = now()
    } catch (error) {
      // A newer fetch reports its own failure.
      if (fetchNumber === lastFetch) failed?.(error, now() - fetchedAt < maxStaleAge)
      throw error
    } finally {
      if (fetchNumber === lastFetch) {
        triedAt = now()
        fetching = undefined
      }
    }
  }
  /** @throws if the last fetch was too recent, or fails. */
  const refresh = (): Promise<void> => {
    if (fetching === undefined && now() - triedAt < retryDelay) return Promise.reject(new Error('fetched just now'))
    fetching ??= load()
    return fetching
  }

  return {
    url,
    async find(header) {
      const age = now() - fetchedAt
      if (age >= maxStaleAge) await refresh()
      // Old keys are used during the fetch: clients must not wait for a slow key server.
      else if (age >= maxAge) refresh().catch(() => {})
      const found = await fitting(keys!, header)
      if (found.length > 0 || age < cooldown) return found
      await refresh().catch(() => {})
      return fitting(keys!, header)
    },
    async refetch() {
      fetching = load()
      await fetching
      return keys?.jwks().keys.length ?? 0
    },
  }
}

/** `EdDSA` with a key of Ed25519 is the same algorithm as `Ed25519` (RFC 9864): the token may have the other name. */
function withoutNameOfEd25519(keySet: JSONWebKeySet): JSONWebKeySet {
  if (Array.isArray(keySet?.keys)) for (const key of keySet.keys) if (key?.crv === 'Ed25519') delete key.alg
  return keySet
}

/** The first matching keys: a set may have several of a kind, and a token need not name one. */
async function fitting(keys: KeySet, header: JWTHeaderParameters): Promise<CryptoKey[]> {
  try {
    return [await keys(header)]
  } catch (error) {
    const several = error as errors.JWKSMultipleMatchingKeys
    if (several.code !== 'ERR_JWKS_MULTIPLE_MATCHING_KEYS') return []
    const found: CryptoKey[] = []
    for await (const key of several) {
      found.push(key)
      if (found.length === maxTried) break
    }
    return found
  }
}

/** @throws if the body is too long. */
async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error(`longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  // Without a byte order mark, with which some servers begin.
  return new TextDecoder().decode(Buffer.concat(chunks))
}

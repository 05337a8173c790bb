/** A token, or a function that fetches one. The client calls it before each connect; null means anonymous. */
export type TokenSource = string | (() => string | null | Promise<string | null>)

/** How long before its expiry, in ms, a token is renewed. */
const early = 60_000

/**
 * When to renew a token that was just fetched, in ms since the epoch; never for one without an expiry time. Not later
 * than its lifetime from now: the clock of this machine may be behind that of the issuer.
 */
export function renewalOf(token: string | null): number {
  try {
    const payload = token!.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/')
    const { exp, iat = 0 } = JSON.parse(atob(payload))
    return Math.min(exp, Date.now() / 1000 + exp - iat) * 1000 - early || Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

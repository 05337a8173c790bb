/** A token, or a function that fetches one. The client calls it before each connect; null means anonymous. */
export type TokenSource = string | (() => string | null | Promise<string | null>)

/** How long before its expiry, in ms, a token is renewed. */
const early = 60_000

/** When to renew a token, in ms since the epoch; never for one without an expiry time. */
export function renewalOf(token: string | null): number {
  try {
    const payload = token!.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/')
    return JSON.parse(atob(payload)).exp * 1000 - early || Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** A token, or a function that fetches one. The client calls it before each connect; null means anonymous. */
export type TokenSource = string | (() => string | null | Promise<string | null>)

/** Time before its end, in ms, at which a token is renewed. */
const early = 60_000

/** When to renew a token, in ms since the epoch; never for one that does not say when it expires. */
export function renewalOf(token: string | null): number {
  try {
    const payload = token!.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/')
    return JSON.parse(atob(payload)).exp * 1000 - early || Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

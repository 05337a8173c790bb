import type { Identity } from '@headcount/core'

/** A client as described by its token. Without a token it is a viewer. */
export interface Session extends Identity {
  /** In how many ms the token expires. Absent if it does not. */
  readonly expiresIn?: number
  /** Patterns of the topics that need a token and that this token allows. */
  readonly topics?: readonly string[]
}

/**
 * Verifies a token; null makes a viewer. `invalid`: the client is a viewer, or must be refused. `unchecked`: the key
 * server is unreachable, so the token may be valid, and the client should retry.
 */
export type Authenticate = (
  token: string | null,
  clientId: string | null,
) => Promise<
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'invalid'; readonly reason: string; readonly refuse: boolean }
  | { readonly kind: 'unchecked' }
>

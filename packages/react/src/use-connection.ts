'use client'
import type { ClientError, ConnectionStatus } from '@headcount/client'
import { useMemo, useSyncExternalStore } from 'react'
import { useClient } from './provider.js'

export interface ConnectionSnapshot {
  readonly status: ConnectionStatus
  /** Why the client may never connect, as of `Client`, or null. */
  readonly error: ClientError | null
}

/**
 * The connection of the client above, to distinguish "no network" from "never". On a server it is `idle`.
 * @throws {HeadcountReactError} `no_provider`
 */
export function useConnection(): ConnectionSnapshot {
  const client = useClient()
  const status = useSyncExternalStore(
    client.subscribe,
    () => client.status,
    () => 'idle' as const,
  )
  const error = useSyncExternalStore(
    client.subscribe,
    () => client.error,
    () => null,
  )
  return useMemo(() => ({ status, error }), [status, error])
}

'use client'
import type { Counts, DefaultGroup, Group, TopicSnapshot } from '@headcount/client'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { useClient } from './provider.js'

export interface UseCountsOptions<G extends Group = DefaultGroup> {
  /** Receives the counts without being counted. */
  readonly observe?: boolean | undefined
  /** Counts to show until the first ones arrive: on the server, during hydration, and while connecting. */
  readonly initial?: Counts<NoInfer<G>> | undefined
}

/**
 * The live counts of a topic, and their status. The first component that uses a topic joins it; the client leaves it
 * a moment after the last one has unmounted. On a server it renders `initial`, and connects to nothing.
 * @throws {HeadcountReactError} `no_provider`
 */
export function useCounts<G extends Group = DefaultGroup>(
  topic: string,
  { observe = false, initial }: UseCountsOptions<G> = {},
): TopicSnapshot<G> {
  const client = useClient<G>()
  const subscribe = useCallback(
    (changed: () => void) => client.topic(topic, { observe }).subscribe(changed),
    [client, topic, observe],
  )
  const snapshot = useSyncExternalStore(
    subscribe,
    () => client.topic(topic, { observe }).get(),
    () => client.connecting,
  )
  return useMemo(
    () => (snapshot.status === 'connecting' && initial ? { ...snapshot, counts: initial } : snapshot),
    [snapshot, initial],
  )
}

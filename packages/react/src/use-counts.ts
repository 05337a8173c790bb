'use client'
import { type Counts, connecting, type TopicSnapshot } from '@headcount/client'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { useClient } from './provider.js'

export interface UseCountsOptions {
  /** Receives the counts and is not counted. */
  readonly observe?: boolean | undefined
  /** What to show until counts are known: on the server, while hydrating, and while connecting. */
  readonly initial?: Counts | undefined
}

/**
 * The counts of a topic, live while the component is mounted, and how true they are. The topic is joined by the first
 * component that uses it and left a moment after the last one has gone.
 * @throws {HeadcountReactError} `no_provider`
 */
export function useCounts(topic: string, { observe = false, initial }: UseCountsOptions = {}): TopicSnapshot {
  const client = useClient()
  const subscribe = useCallback(
    (changed: () => void) => client.topic(topic, { observe }).subscribe(changed),
    [client, topic, observe],
  )
  const snapshot = useSyncExternalStore(
    subscribe,
    () => client.topic(topic, { observe }).get(),
    () => connecting,
  )
  return useMemo(
    () => (snapshot.status === 'connecting' && initial ? { ...snapshot, counts: initial } : snapshot),
    [snapshot, initial],
  )
}

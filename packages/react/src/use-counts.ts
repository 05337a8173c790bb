'use client'
import type { Counts, DefaultGroup, Group, TopicOptions, TopicSnapshot } from '@headcount/client'
import { withInitial } from '@headcount/client/text'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { useClient } from './provider.js'

export interface UseCountsOptions<G extends Group = DefaultGroup> extends TopicOptions {
  /** Counts to show until the first ones arrive: on the server, during hydration, and while connecting. */
  readonly initial?: Counts<NoInfer<G>> | undefined
}

/**
 * The live counts of a topic, and their status. The first component that uses a topic joins it; the client leaves it
 * a moment after the last one has unmounted. On a server it renders `initial`, and does not connect.
 * @param topic null joins nothing: the status stays `connecting`.
 * @throws {HeadcountReactError} `no_provider`
 */
export function useCounts<G extends Group = DefaultGroup>(
  topic: string | null,
  { observe, count, tabs, initial }: UseCountsOptions<G> = {},
): TopicSnapshot<G> {
  const client = useClient<G>()
  const store = useCallback(
    () => (topic === null ? undefined : client.topic(topic, { observe, count, tabs })),
    [client, topic, observe, count, tabs],
  )
  const subscribe = useCallback((changed: () => void) => store()?.subscribe(changed) ?? nothing, [store])
  const snapshot = useSyncExternalStore(
    subscribe,
    () => store()?.get() ?? client.connecting,
    () => client.connecting,
  )
  return useMemo(() => withInitial(snapshot, initial), [snapshot, initial])
}

const nothing = (): void => {}

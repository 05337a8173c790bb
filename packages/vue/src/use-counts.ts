import type { Counts, DefaultGroup, Group, TopicOptions, TopicSnapshot } from '@headcount/client'
import { withInitial } from '@headcount/client/text'
import {
  getCurrentInstance,
  type MaybeRefOrGetter,
  onActivated,
  onDeactivated,
  type ShallowRef,
  shallowRef,
  toValue,
  watchEffect,
} from 'vue'
import { useClient } from './client.js'

export interface UseCountsOptions<G extends Group = DefaultGroup> extends TopicOptions {
  /** Counts to show until the first ones arrive: on the server, during hydration, and while connecting. */
  readonly initial?: Counts<NoInfer<G>> | undefined
}

/**
 * The live counts of a topic, and their status. The first component that uses a topic joins it; the client leaves it
 * a moment after the last one has unmounted or was deactivated by `<KeepAlive>`. On a server it has `initial`, and
 * does not connect.
 * @param topic null joins nothing: the status stays `connecting`.
 * @throws {HeadcountVueError} `no_client`
 */
export function useCounts<G extends Group = DefaultGroup>(
  topic: MaybeRefOrGetter<string | null>,
  options: MaybeRefOrGetter<UseCountsOptions<G>> = {},
): Readonly<ShallowRef<TopicSnapshot<G>>> {
  const client = useClient<G>()
  const snapshot = shallowRef(withInitial(client.connecting, toValue(options).initial))
  const isActive = shallowRef(true)
  // Outside of a component, as in a store, there are no such hooks.
  if (getCurrentInstance()) {
    onActivated(() => {
      isActive.value = true
    })
    onDeactivated(() => {
      isActive.value = false
    })
  }
  // After the component has mounted, and so never on a server.
  watchEffect(
    (onCleanup) => {
      if (!isActive.value) return
      const name = toValue(topic)
      const { initial, ...given } = toValue(options)
      const store = name === null ? undefined : client.topic(name, given)
      const update = (): void => {
        snapshot.value = withInitial(store?.get() ?? client.connecting, initial)
      }
      if (store) onCleanup(store.subscribe(update))
      update()
    },
    { flush: 'post' },
  )
  return snapshot
}

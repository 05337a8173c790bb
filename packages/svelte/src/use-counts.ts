import type { Counts, DefaultGroup, Group, TopicOptions, TopicSnapshot, TopicStore } from '@headcount/client'
import { withInitial } from '@headcount/client/text'
import { createSubscriber } from 'svelte/reactivity'
import { getClient } from './client.js'

export interface UseCountsOptions<G extends Group = DefaultGroup> extends TopicOptions {
  /** Counts to show until the first ones arrive: on the server, during hydration, and while connecting. */
  readonly initial?: Counts<NoInfer<G>> | undefined
}

/**
 * The live counts of a topic, and their status, as `current`: read it in a template, a `$derived` or an `$effect`. The
 * first reader joins the topic; the client leaves it a moment after the last one is destroyed. On a server it has
 * `initial`, and does not connect.
 * @param topic a function, for a topic that changes; null joins nothing: the status stays `connecting`.
 * @throws {HeadcountSvelteError} `no_client`
 */
export function useCounts<G extends Group = DefaultGroup>(
  topic: () => string | null,
  options: () => UseCountsOptions<G> = () => ({}),
): { readonly current: TopicSnapshot<G> } {
  const client = getClient<G>()
  const subscribers = new WeakMap<TopicStore<G>, () => void>()
  const subscribe = (store: TopicStore<G>): void => {
    const subscriber = subscribers.get(store) ?? createSubscriber((update) => store.subscribe(update))
    subscribers.set(store, subscriber)
    subscriber()
  }
  return {
    get current() {
      const name = topic()
      const { initial, ...given } = options()
      // A server may share the client between requests: it would keep every topic.
      if (name === null || !globalThis.document) return withInitial(client.connecting, initial)
      const store = client.topic(name, given)
      subscribe(store)
      return withInitial(store.get(), initial)
    },
  }
}

import type { Busiest, Topic } from '@headcount/core'
import type { Place } from '../http/operator-source.js'

/**
 * Merges the busiest topics of replicas. A replica that did not name a topic has at most `others` of it, so each topic
 * has an upper bound, and what is left out has one too (Fagin, Lotem and Naor, 2003: the threshold algorithm).
 * @param max how many topics to return.
 * @returns the topics with the largest upper bounds first, each with its sums over the replicas that named it;
 * `othersAtMost` is the most that any other topic has.
 */
export function mergeBusiest(parts: readonly Busiest[], max: number) {
  const unnamed = parts.reduce((sum, { others }) => sum + others, 0)
  const merged = new Map<Topic, Busiest['topics'][number] & { readonly atMost: number }>()
  for (const { topics, others } of parts) {
    for (const { topic, value, joins } of topics) {
      const before = merged.get(topic) ?? { value: 0, joins: 0, atMost: unnamed }
      const atMost = before.atMost - others + value
      merged.set(topic, { topic, value: before.value + value, joins: before.joins + joins, atMost })
    }
  }
  const all = [...merged.values()].sort((a, b) => b.atMost - a.atMost)
  return { topics: all.slice(0, max), othersAtMost: Math.max(unnamed, all[max]?.atMost ?? 0) }
}

/**
 * A page of items in the order of their values, the largest first, and then of their topics.
 * @param after the place of the last item of the page before.
 */
export function page<T>(items: readonly T[], placeOf: (item: T) => Place, limit: number, after: Place | undefined) {
  const sorted = items.map((item) => ({ item, place: placeOf(item) })).sort((a, b) => order(a.place, b.place))
  const rest = after === undefined ? sorted : sorted.filter(({ place }) => order(after, place) < 0)
  const shown = rest.slice(0, limit)
  return { items: shown.map(({ item }) => item), next: rest.length > limit ? shown.at(-1)?.place : undefined }
}

function order([a, first]: Place, [b, second]: Place): number {
  if (a !== b) return b - a
  return first < second ? -1 : Number(first > second)
}

import type { Counts, Group } from '@headcount/protocol'
import type { TopicSnapshot } from '../store.js'

/** The snapshot of a page that was rendered with counts: it shows them until the first ones arrive. */
export function withInitial<G extends Group>(
  snapshot: TopicSnapshot<G>,
  initial: Counts<G> | undefined,
): TopicSnapshot<G> {
  return snapshot.status === 'connecting' && initial ? { ...snapshot, counts: initial } : snapshot
}

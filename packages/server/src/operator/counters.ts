import type { CounterName, Metrics } from '@headcount/core'
import type { ReplicaStatus } from '../http/operator-source.js'

/** Counters of what was refused, closed or not counted. */
const refusals = [
  ...['refused', 'refused_upgrades', 'http_refused', 'invalid_tokens', 'invalid_keys', 'server_closes', 'limited'],
] as const satisfies readonly CounterName[]

/** What operators are shown of the counters of a replica. */
export function countersOf(metrics: Metrics): Pick<ReplicaStatus, 'joins' | 'refused'> {
  const refused = refusals.flatMap((counter) =>
    [...(metrics.read?.(counter) ?? [])].map(([code, times]) => ({ counter, code, times })),
  )
  return { joins: metrics.read?.('joins').get('') ?? null, refused }
}

import type { Engine } from '@headcount/core'

/** Something that can befall a replica. */
export type Fault = 'crash' | 'pause' | 'partition'

/** One replica of a cluster under check: its engine, not yet open, and what can befall it. */
export interface EngineReplica {
  readonly engine: Engine
  /** It dies without a word. Its engine is not used again. */
  crash(): Promise<void>
  /** It stands still: it says nothing, and what is said to it waits. */
  pause(): Promise<void>
  /** It goes on: what waited, either way, arrives. */
  resume(): Promise<void>
  /** The way to the cluster is cut: it says what it will, nothing arrives, either way. */
  partition(): Promise<void>
  heal(): Promise<void>
}

/** A cluster of its own for one check: replicas that share it, and nobody else. */
export interface EngineCluster {
  /** In ms: how long a replica counts that is not heard of. A second or so makes checks quick. */
  readonly lease: number
  /** One more replica. */
  replica(): Promise<EngineReplica>
  /** Resolves when the lease of every replica that does not renew it now has lapsed. */
  lapse(): Promise<void>
  /** How many things the cluster holds, of whatever kind: 0 once nobody counts in it or watches. */
  size(): Promise<number>
  /** Frees all that the cluster took. */
  end(): Promise<void>
}

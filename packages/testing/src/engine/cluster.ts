import type { Engine } from '@headcount/core'

export type Fault = 'crash' | 'pause' | 'partition'

/** One replica of a cluster under test. */
export interface EngineReplica {
  /** Not open yet. */
  readonly engine: Engine
  /** Kills the process. Its engine is not used again. */
  crash(): Promise<void>
  /** Suspends the process: it sends nothing, and what is sent to it waits. */
  pause(): Promise<void>
  /** Cuts the network: nothing arrives, in either direction. */
  partition(): Promise<void>
  /** Ends a pause or a partition. */
  heal(): Promise<void>
}

/** A cluster for one test: replicas that share it with no others. */
export interface EngineCluster {
  /** In ms. About a second keeps tests short. */
  readonly lease: number
  addReplica(): Promise<EngineReplica>
  /** Resolves when the leases of all replicas that do not renew them have expired. */
  expireLeases(): Promise<void>
  /** The number of stored items of any kind: 0 once no replica has presences or watches. */
  size(): Promise<number>
  /** Frees all resources. */
  close(): Promise<void>
}

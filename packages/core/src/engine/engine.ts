import type { Totals } from '@headcount/protocol'

/** The name that is counted: `video:42`. */
export type Topic = string

/** One server process, named anew at each start. */
export type ReplicaId = string

/** Who a person is within one topic and nowhere else: an HMAC of (secret, topic, id), base64url. */
export type PersonKey = string

/** Where one person stands on one replica. Absolute: the newest word on a key replaces the one before. */
export interface PersonChange {
  readonly key: PersonKey
  /** Index of the group, or null: this replica holds nothing of the person any more. */
  readonly group: number | null
  /** True where only grace keeps the person here: no channel is open. */
  readonly held: boolean
  /** What the person came with that outlives signing in and out (the key of its client id), or null. */
  readonly device: PersonKey | null
}

/** One replica's word on one topic. Absolute, so a repeat is harmless. */
export interface Change {
  readonly topic: Topic
  /** What this replica holds, by group. All zeros where people are counted: `people` says it there. */
  readonly counts: Totals
  /** The people whose standing on this replica has moved since its last commit. Empty where connections are counted. */
  readonly people: readonly PersonChange[]
  /** The topic's flush interval on this replica, in ms: the cluster need not say `moved` more often. */
  readonly interval: number
}

/** Says the cluster's totals of a watched topic: on every change, also one of our own. A repeat is harmless. */
export type Moved = (topic: Topic, totals: Totals) => void

/**
 * The seam to the cluster: merges what replicas hold into totals.
 *
 * A topic's totals are the sum of the replicas' `counts`, plus its people, each once: in the lowest group in which
 * some replica has the person live, else in the lowest in which grace holds it. A live person with a device ends, on
 * every replica, what grace holds of another person with that device (it has signed in or out), each time it is said.
 *
 * The totals of every watcher converge to the same figures; between, each figure was true at some moment. A replica
 * that has not committed for a lease is forgotten whole.
 */
export interface Engine {
  /** Takes part as `replica`, until `close`. Called once, before all else. */
  open(replica: ReplicaId, moved: Moved): Promise<void>
  /** Subscribes to a topic, then reads it; from then on `moved` is called for it. */
  watch(topic: Topic): Promise<Totals>
  unwatch(topic: Topic): Promise<void>
  /** The totals of topics now, in the order asked; an unknown topic is zeros. */
  read(topics: readonly Topic[]): Promise<Totals[]>
  /**
   * Says what moved and renews the lease; called, empty if need be, several times a lease. One call at a time.
   * @returns `'lost'` where the cluster held nothing of this replica: it must say everything anew.
   * @throws where the cluster could not be told: the caller says the same topics again later.
   */
  commit(changes: readonly Change[]): Promise<'kept' | 'lost'>
  /** Gives up every row of this replica at once. */
  close(): Promise<void>
  /** How long, in ms, changes are gathered into one commit while they keep coming. None: no longer than a loop turn. */
  readonly window?: number
}

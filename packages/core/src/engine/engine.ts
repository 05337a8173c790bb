import type { Totals } from '@headcount/protocol'
import type { Metrics } from '../runtime/metrics.js'
import type { TopicHistory } from './history-report.js'
import type { Topic } from './topic.js'
import type { TransitionReceiver, Transitions } from './transitions.js'

export type { Topic } from './topic.js'

/** One server process. A restarted process is a new replica. */
export type ReplicaId = string

/** Identifies a person within one topic and nowhere else: an HMAC of (secret, topic, id), base64url. */
export type PersonKey = string

/** A person's group on one replica. Absolute: the newest value for a key replaces the one before. */
export interface PersonChange {
  readonly key: PersonKey
  /** Index of the group, or null: the person has no channel on this replica any more. */
  readonly group: number | null
}

/** What one replica holds of one topic. Absolute, so a repeat is harmless. */
export interface Change {
  readonly topic: Topic
  /** This replica's connections, by group; where people are counted, those that no id tells apart. */
  readonly counts: Totals
  /** The people whose group on this replica changed since its last commit. Empty where connections are counted. */
  readonly people: readonly PersonChange[]
  /** The topic's flush interval on this replica, in ms. An engine need not report changes more often. */
  readonly interval: number
}

/** What an engine and its replica must agree on. */
export interface EngineOptions {
  /** How many groups a topic has. */
  readonly groups: number
  /** How long, in ms, the cluster counts this replica after its last commit. */
  readonly lease: number
  /** Receives the cluster's totals of a watched topic at every change, also this replica's own. May repeat. */
  changed(topic: Topic, totals: Totals): void
  /** Receives the texts that other replicas send to this one. */
  received?(text: string): void
  /** Takes durations that only the engine knows. */
  readonly observe?: Metrics['observe']
  /** The levels of topics whose transitions are recorded. Default: none. */
  readonly levels?: TransitionReceiver['levels']
  /** What to record. The same on every replica. Default: nothing. */
  readonly history?: HistoryOptions
}

/** A replica that the cluster counts. */
export interface ReplicaLease {
  readonly replica: ReplicaId
  /** How long ago, in ms, its lease was renewed. Beyond the lease it is about to be removed, and still counts. */
  readonly leaseAge: number
}

/** What one replica adds to a topic. */
export interface TopicRow extends ReplicaLease {
  /** Its connections, by group; where people are counted, those that no id tells apart. */
  readonly counts: Totals
  /** How many people it has. A person may be on other replicas, too. */
  readonly people: number
}

/** A topic's totals and the rows that make them, as of one moment. */
export interface TopicRows {
  readonly totals: Totals
  /** The replicas that have anything in the topic. */
  readonly rows: readonly TopicRow[]
}

/**
 * What an engine knows of the replicas of its cluster, for operators. Every method throws before `open`, and where the
 * cluster cannot be reached.
 */
export interface Replicas {
  list(): Promise<ReplicaLease[]>
  rows(topic: Topic): Promise<TopicRows>
}

export interface HistoryOptions {
  /** Whether the history of a topic is recorded. */
  records(topic: Topic): boolean
  /** Most topics with a history. Beyond it, one goes that has not changed for long. */
  readonly topics: number
}

/** The totals of topics over the last day, as the engine had them: see `history.ts`. */
export interface Histories {
  /** @throws before `open`, and where the cluster cannot be reached. */
  read(topic: Topic): Promise<TopicHistory>
}

/**
 * Merges what replicas hold into totals.
 *
 * A topic's totals are the sum of the replicas' `counts` plus its people, each counted once (see `people.ts`). The
 * totals that all watchers receive converge to the same values, and each value was true at some moment. A replica that
 * has not committed for a lease is removed whole.
 */
export interface Engine {
  /**
   * Joins the cluster as `replica`, until `close`. Before it, `watch` and `commit` throw.
   * @throws where the engine is open already, or the cluster cannot be reached or disagrees on the options.
   */
  open(replica: ReplicaId, options: EngineOptions): Promise<void>
  /** Subscribes to a topic, then reads it; from then on `changed` is called for it. */
  watch(topic: Topic): Promise<Totals>
  unwatch(topic: Topic): Promise<void>
  /** The totals of topics now, in the given order; an unknown topic is zeros. */
  read(topics: readonly Topic[]): Promise<Totals[]>
  /**
   * Commits changes and renews the lease. Called, with no changes if need be, several times per lease; one call at a
   * time.
   * @returns `'lost'` where the cluster held nothing of this replica, which must then commit everything again.
   * @throws where the cluster cannot be reached: the caller commits the same topics again later.
   */
  commit(changes: readonly Change[]): Promise<'kept' | 'lost'>
  /** Removes this replica's rows at once. */
  close(): Promise<void>
  /** Carries texts between replicas. Absent where the engine cannot. */
  readonly relay?: Relay
  /** Minimum time, in ms, between two commits while changes keep coming. Default: once per turn of the event loop. */
  readonly commitInterval?: number
  /** Optional: the transitions of topics past their levels. Undefined before `open`. */
  readonly transitions?: Transitions | undefined
  /** Rows and leases of all replicas, for operators. Optional: nothing is counted with it. */
  readonly replicas?: Replicas
  /** Optional: what is recorded of the topics that `EngineOptions.history` names. */
  readonly history?: Histories
}

/** Carries texts between the replicas of a cluster. A text may be lost, and the engine's other users may read it. */
export interface Relay {
  /**
   * Sends a text to another replica.
   * @returns false where it is known that no such replica receives it.
   * @throws where the cluster cannot be reached.
   */
  send(to: ReplicaId, text: string): Promise<boolean>
}

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
  /** Index of the group, or null: the person no longer has a channel on this replica. */
  readonly group: number | null
}

/** One replica's presences in one topic. Absolute, so a repeat is harmless. */
export interface Change {
  readonly topic: Topic
  /** This replica's connections, by group; where people are counted, only those without an id. */
  readonly counts: Totals
  /** The people whose group on this replica changed since its last commit. Empty where connections are counted. */
  readonly people: readonly PersonChange[]
  /** The topic's flush interval on this replica, in ms. The engine need not report changes more often. */
  readonly interval: number
}

/** How long, in ms, the cluster counts a replica after its last commit, unless an option sets it. */
export const defaultLease = 10_000

/** The options on which an engine and its replica must agree. */
export interface EngineOptions {
  /** How many groups a topic has. */
  readonly groups: number
  /** How long, in ms, the cluster counts this replica after its last commit. */
  readonly lease: number
  /** Receives the cluster's totals of a watched topic at every change, including this replica's own. May repeat. */
  changed(topic: Topic, totals: Totals): void
  /** Receives the texts that other replicas send to this one. */
  received?(text: string): void
  /** Receives durations that only the engine can measure. */
  readonly observe?: Metrics['observe']
  /** The levels of topics whose transitions are recorded. Default: none. */
  readonly levels?: TransitionReceiver['levels']
  /** The histories to record. The same on every replica. Default: none. */
  readonly history?: HistoryOptions
}

/** A replica that the cluster counts. */
export interface ReplicaLease {
  readonly replica: ReplicaId
  /** How long ago, in ms, its lease was renewed. A replica with an expired lease still counts until it is removed. */
  readonly leaseAge: number
}

/** The part of one replica in a topic. */
export interface TopicRow extends ReplicaLease {
  /** Its connections, by group; where people are counted, only those without an id. */
  readonly counts: Totals
  /** How many people it has. A person may be on other replicas, too. */
  readonly people: number
}

/** A topic's totals and the rows that add up to them, at one moment. */
export interface TopicRows {
  readonly totals: Totals
  /** The replicas that have presences in the topic. */
  readonly rows: readonly TopicRow[]
}

/** The replicas of the cluster, for operators. Every method throws before `open`, and if the cluster is unreachable. */
export interface Replicas {
  list(): Promise<ReplicaLease[]>
  rows(topic: Topic): Promise<TopicRows>
}

export interface HistoryOptions {
  /** Whether the history of a topic is recorded. */
  records(topic: Topic): boolean
  /** Maximum number of topics with a history. Beyond it, one that has not changed for long is deleted. */
  readonly topics: number
}

/** The totals of topics over the last day: see `history.ts`. */
export interface Histories {
  /** @throws before `open`, and if the cluster is unreachable. */
  read(topic: Topic): Promise<TopicHistory>
}

/**
 * Merges the rows of all replicas into totals.
 *
 * A topic's totals are the sum of the replicas' `counts` plus its people, each counted once (see `people.ts`). The
 * totals that all watchers receive converge to the same values, and each value was true at some moment. A replica that
 * has not committed for the length of a lease is removed with all its presences.
 */
export interface Engine {
  /**
   * Joins the cluster as `replica`, until `close`. Before it, `watch` and `commit` throw.
   * @throws if the engine is open already, or the cluster is unreachable or disagrees on the options.
   */
  open(replica: ReplicaId, options: EngineOptions): Promise<void>
  /** Subscribes to a topic, then reads it; from then on `changed` is called for it. */
  watch(topic: Topic): Promise<Totals>
  unwatch(topic: Topic): Promise<void>
  /** The totals of topics now, in the given order; an unknown topic is zeros. */
  read(topics: readonly Topic[]): Promise<Totals[]>
  /**
   * Commits changes and renews the lease. Called several times per lease, if necessary without changes; one call at a
   * time.
   * @returns `'lost'` if the cluster has no row of this replica, which must then commit everything again.
   * @throws if the cluster is unreachable: the caller commits the same topics again later.
   */
  commit(changes: readonly Change[]): Promise<'kept' | 'lost'>
  /** Removes this replica's rows at once. */
  close(): Promise<void>
  /** Sends texts between replicas. Absent if the engine cannot. */
  readonly relay?: Relay
  /** Minimum time, in ms, between two commits while changes keep coming. Default: once per turn of the event loop. */
  readonly commitInterval?: number
  /** Optional: the transitions of topics past their levels. Undefined before `open`. */
  readonly transitions?: Transitions | undefined
  /** Optional: rows and leases of all replicas, for operators. Counting does not use it. */
  readonly replicas?: Replicas
  /** Optional: the history of the topics that `EngineOptions.history` names. */
  readonly history?: Histories
}

/** Sends texts between the replicas of a cluster. A text may be lost, and the engine's other users may read it. */
export interface Relay {
  /**
   * Sends a text to another replica.
   * @returns false if it is certain that no such replica receives it.
   * @throws if the cluster is unreachable.
   */
  send(to: ReplicaId, text: string): Promise<boolean>
}

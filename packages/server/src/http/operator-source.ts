import type { BusiestQuery, Topic, TopicView, Unit } from '@headcount/core'
import type { Group } from '@headcount/protocol'

/** A number for each group. A difference may be negative. */
export type ByGroup = Readonly<Record<Group, number>>

export interface BusiestRequest extends BusiestQuery {
  /** The last topic of the previous page, and the value that it was sorted by. */
  readonly after?: Place
}

/** A place in the order of a list. */
export type Place = readonly [value: number, topic: Topic]

/** A page of the busiest topics, the busiest first. All numbers are true, even behind a shield. */
export interface BusiestPage {
  readonly topics: readonly BusiestTopic[]
  /** Where the next page begins; undefined after the last one. */
  readonly next: Place | undefined
  /** An upper bound of the sort value for topics that are on no page. */
  readonly othersAtMost: number
  /** Replicas that did not answer in time. */
  readonly unanswered: readonly string[]
}

export interface BusiestTopic {
  readonly topic: Topic
  readonly count: number
  readonly counts: ByGroup
  /** A lower bound of the joins per second over about the last minute. */
  readonly joins: number
}

/** An explanation of the count of a topic. All times are in ms. */
export interface TopicReport {
  readonly topic: Topic
  readonly pattern: string
  readonly unit: Unit
  /** The totals of the cluster: `connections` and `people` add up to them. */
  readonly totals: ByGroup
  /** The connections of all replicas. */
  readonly connections: ByGroup
  /** The people of all replicas, each counted once. */
  readonly people: ByGroup
  /** How often people are on a second replica, and so on, which does not count again. */
  readonly duplicates: number
  readonly replicas: readonly ReplicaPart[]
  /** Replicas that did not answer in time. */
  readonly unanswered: readonly string[]
  /** The same sums as a text, all groups together. */
  readonly sums: readonly string[]
}

/** The part of one replica in a topic. */
export interface ReplicaPart {
  readonly replica: string
  /** Whether it is the one that answers the request. */
  readonly isAsked: boolean
  /** How long ago its lease was renewed; null if it has none any more. */
  readonly leaseAge: number | null
  /** Its row in the cluster: its connections and its number of people. */
  readonly connections: ByGroup
  readonly people: number
  /** The part from its own answer; null if it did not answer. */
  readonly own: OwnPart | null
}

export interface OwnPart {
  /** Its presences that are not in its row yet. */
  readonly uncommitted: { readonly connections: ByGroup; readonly people: number }
  /** All its presences: `channels` and `others` add up to them. */
  readonly presences: number
  /** Presences of counted channels: `counted` below. */
  readonly channels: number
  /** Presences of counted streams, of `track`, and of topics with this one in `alsoIn`. */
  readonly others: number
  /** The number of people without connections, of their presences, and of those with several. */
  readonly people: { readonly size: number; readonly presences: number; readonly several: number }
  /** Its sockets in the topic. */
  readonly sockets: ChannelsByStatus
  /** The counts that it shows; null if it has no subscriber. */
  readonly shows: ShownPart | null
}

/** The number of counted channels, and of others by the reason why they are not counted. */
export interface ChannelsByStatus {
  readonly counted: number
  /** They joined as observers. */
  readonly observers: number
  /** They asked to observe after they were counted. */
  readonly hidden: number
  /** They exceed these limits. */
  readonly presencesPerUser: number
  readonly presencesPerAddress: number
}

/** `counts` is the sum of the totals of the cluster, `unreceived`, `held`, `shield` and `unsent`. */
export interface ShownPart extends Pick<TopicView, 'settle' | 'settlesIn' | 'subscribers' | 'slow' | 'lastFlush'> {
  /** The counts that subscribers were sent last. */
  readonly counts: ByGroup
  /** The difference of its totals from those of the cluster. */
  readonly unreceived: ByGroup
  /** The decrease that `settle` delays. */
  readonly held: ByGroup
  /** The part that the shield hides. */
  readonly shield: ByGroup
  /** The change that is not sent yet. */
  readonly unsent: ByGroup
  /** The step of the shield; 0 for none. */
  readonly step: number
}

export interface ReplicaStatus {
  readonly host: string
  readonly pid: number
  readonly version: string
  /** In seconds. */
  readonly uptime: number
  readonly sockets: number
  readonly channels: number
  readonly observers: number
  readonly streams: number
  readonly topics: number
  /** How many channels have joined and were counted, since it started; null where its metrics cannot be read. */
  readonly joins: number | null
  /** The requests and clients that it refused, closed or did not count, since it started. */
  readonly refused: readonly Refused[]
  /** How late the event loop is, in ms. */
  readonly lag: number
  /** How old counts are, in ms; null without a canary. */
  readonly staleness: number | null
  /** Why it should get no new sockets; null if it may. */
  readonly trouble: string | null
}

/** One value of a counter of what was refused. */
export interface Refused {
  /** Its name among the metrics: `refused_upgrades`. */
  readonly counter: string
  readonly code: string
  readonly times: number
}

export interface ReplicasReport {
  /** The setting `lease`, in ms. */
  readonly lease: number
  /** Whether the engine could be reached; if not, only the replica that was asked is in the list. */
  readonly isReachable: boolean
  readonly replicas: readonly {
    readonly replica: string
    readonly isAsked: boolean
    readonly leaseAge: number
    /** Null if it did not answer in time. */
    readonly status: ReplicaStatus | null
  }[]
}

/** An effective setting, for the operator's page. */
export interface EffectiveSetting {
  readonly path: string
  /** Without secrets. */
  readonly value: string
  /** Its source, such as the name of a variable. */
  readonly source: string
}

/** The source of the routes for operators. Its methods reject if the engine is unreachable. */
export interface OperatorSource {
  busiest(request: BusiestRequest): Promise<BusiestPage>
  /** `unsupported`: the engine does not report replicas. */
  explain(topic: Topic): Promise<TopicReport | 'unmatched_topic' | 'unsupported'>
  replicas(): Promise<ReplicasReport>
}

import type { Topic, Unit } from '@headcount/core'
import type { Group } from '@headcount/protocol'

/** A number for each group. A difference may be negative. */
export type ByGroup = Readonly<Record<Group, number>>

export interface BusiestRequest {
  readonly sort: 'count' | 'joins'
  /** Only topics that begin with it. */
  readonly prefix: string
  readonly limit: number
  /** The last topic of the page before, and the value that it was sorted by. */
  readonly after?: Place
}

/** A place in the order of a list. */
export type Place = readonly [value: number, topic: Topic]

/** A page of the busiest topics, the busiest first. All numbers are true ones, also behind a shield. */
export interface BusiestPage {
  readonly topics: readonly BusiestTopic[]
  /** Where the next page begins; undefined after the last one. */
  readonly next: Place | undefined
  /** The most, by what they are sorted by, that a topic has which is on no page. */
  readonly othersAtMost: number
  /** Replicas that did not answer in time. */
  readonly unanswered: readonly string[]
}

export interface BusiestTopic {
  readonly topic: Topic
  readonly count: number
  readonly counts: ByGroup
  /** Joins a second of about the last minute, at least. */
  readonly joins: number
}

/** What makes up the number of a topic. All times are in ms. */
export interface TopicReport {
  readonly topic: Topic
  readonly pattern: string
  readonly unit: Unit
  /** The totals of the cluster: `connections` and `people` make them. */
  readonly totals: ByGroup
  /** The connections of all replicas. */
  readonly connections: ByGroup
  /** The people of all replicas, each counted once. */
  readonly people: ByGroup
  /** How often people are on a further replica, where they do not count again. */
  readonly duplicates: number
  readonly replicas: readonly ReplicaPart[]
  /** Replicas that did not answer in time: what they show is not known. */
  readonly unanswered: readonly string[]
  /** The same sums in words, with the numbers of all groups together. */
  readonly sums: readonly string[]
}

/** The part of one replica in a topic. */
export interface ReplicaPart {
  readonly replica: string
  /** Whether it is the one that answers the request. */
  readonly isAsked: boolean
  /** How long ago its lease was renewed; null where it has none any more. */
  readonly leaseAge: number | null
  /** Its row in the cluster: its connections, and how many people it has. */
  readonly connections: ByGroup
  readonly people: number
  /** What it says itself; null where it did not answer. */
  readonly own: OwnPart | null
}

export interface OwnPart {
  /** What it has that its row does not have yet. */
  readonly uncommitted: { readonly connections: ByGroup; readonly people: number }
  /** All its presences: `channels` and `others` make them. */
  readonly presences: number
  /** Those of channels that are counted: `counted` below. */
  readonly channels: number
  /** Those of streams that are counted, of `track`, and of topics that count in this one, too. */
  readonly others: number
  /** How many people there are apart from connections, how many presences they have, and how many have several. */
  readonly people: { readonly size: number; readonly presences: number; readonly several: number }
  /** Its sockets in the topic. */
  readonly sockets: Standings
  /** What it shows; null where it has no subscriber, so that it shows nothing. */
  readonly shows: ShownPart | null
}

/** How many channels are counted, and why the others are not. */
export interface Standings {
  readonly counted: number
  /** They joined as observers. */
  readonly observers: number
  /** They asked to observe after they were counted. */
  readonly hidden: number
  /** They are beyond these limits. */
  readonly presencesPerUser: number
  readonly presencesPerAddress: number
}

/** `counts` are the totals of the cluster and all of `unreceived`, `held`, `shield` and `unsent`. */
export interface ShownPart {
  /** What subscribers were sent last. */
  readonly counts: ByGroup
  /** What its totals differ by from those of the cluster. */
  readonly unreceived: ByGroup
  /** What `settle` holds back. */
  readonly held: ByGroup
  /** What the shield takes away. */
  readonly shield: ByGroup
  /** What is shown next and is not sent yet. */
  readonly unsent: ByGroup
  /** The settle time, and in how long less is held back, unless counts rise; null where nothing is. */
  readonly settle: number
  readonly settlesIn: number | null
  /** The step of the shield; 0 for none. */
  readonly step: number
  readonly subscribers: number
  /** Those of them that read too slowly, and skip changes. */
  readonly slow: number
  /** How long ago the newest broadcast began, and to how many; null before the first. */
  readonly lastFlush: { readonly ago: number; readonly subscribers: number } | null
}

/** One replica as it is. */
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
  /** What it refused, closed or did not count, since it started. */
  readonly refused: readonly Refused[]
  /** How late the event loop is, in ms. */
  readonly lag: number
  /** How old counts are, in ms; null without a canary. */
  readonly staleness: number | null
  /** Why it should get no new sockets; null where it may. */
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
    /** Null where it did not answer in time. */
    readonly status: ReplicaStatus | null
  }[]
}

/** A setting as it is in effect, for the operator's page. */
export interface EffectiveSetting {
  readonly path: string
  /** Without secrets. */
  readonly value: string
  /** Where it comes from, such as the name of a variable. */
  readonly source: string
}

/** Where operators read. Its methods reject where the engine cannot be reached. */
export interface OperatorSource {
  busiest(request: BusiestRequest): Promise<BusiestPage>
  /** `unsupported`: the engine does not tell replicas apart. */
  explain(topic: Topic): Promise<TopicReport | 'unmatched_topic' | 'unsupported'>
  replicas(): Promise<ReplicasReport>
}

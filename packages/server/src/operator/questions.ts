import type { Busiest, BusiestQuery, ReplicaView, Topic } from '@headcount/core'
import type { ChannelsByStatus, ReplicaStatus } from '../http/operator-source.js'

/** What one replica has and shows of a topic. */
export interface TopicAnswer extends ReplicaView {
  readonly sockets: ChannelsByStatus
}

/** What replicas ask each other, and what the answer is. Anyone who can reach the engine may ask. */
export interface Answers {
  topic(topic: Topic): TopicAnswer
  busiest(query: BusiestQuery): Busiest
  status(query: null): ReplicaStatus
  /** A short hash of the secret that keys people. Undefined if the replica counts no people: then it is left out. */
  secret(query: null): string | undefined
}

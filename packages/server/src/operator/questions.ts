import type { Busiest, BusiestQuery, ReplicaView, Topic } from '@headcount/core'
import type { ChannelsByStatus, ReplicaStatus } from '../http/operator-source.js'

/** The part of one replica in a topic, and the counts that it shows. */
export interface TopicAnswer extends ReplicaView {
  readonly sockets: ChannelsByStatus
}

/** The questions that replicas ask each other, and their answers. Anyone who can reach the engine may ask. */
export interface Answers {
  topic(topic: Topic): TopicAnswer
  busiest(query: BusiestQuery): Busiest
  status(query: null): ReplicaStatus
  /** A short hash of the secret that keys people. Undefined if the replica counts no people: then it is left out. */
  secret(query: null): string | undefined
}

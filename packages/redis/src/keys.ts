import type { ReplicaId, Topic } from '@headcount/core'

/** Where things are in Redis. Everything of one slot shares a hash tag, so one script may touch all of it. */
export class Keys {
  /** @param slots over how many hash tags topics are spread: the same for every replica of a cluster. */
  constructor(
    readonly prefix: string,
    readonly database: number,
    readonly slots: number,
  ) {}

  /** The slot of a topic, 0 to `slots` - 1. */
  slotOf(topic: Topic): number {
    let hash = 0x811c9dc5
    for (let i = 0; i < topic.length; i++) hash = Math.imul(hash ^ topic.charCodeAt(i), 0x01000193)
    return (hash >>> 0) % this.slots
  }

  /** Replica -> until when it counts. */
  leases(slot: number): string {
    return `${this.#tag(slot)}leases`
  }

  /** The topics in which a replica holds anything. */
  of(slot: number, replica: ReplicaId): string {
    return `${this.#tag(slot)}of:${replica}`
  }

  topic(slot: number, topic: Topic): string {
    return `${this.#tag(slot)}topic:${topic}`
  }

  /** Channels know no databases, so theirs is in the name. */
  channel(slot: number, topic: Topic): string {
    return `${this.#tag(slot)}moved:${this.database}:${topic}`
  }

  /** The topic of a channel. */
  topicOf(channel: string): Topic {
    const mark = `:moved:${this.database}:`
    return channel.slice(channel.indexOf(mark, this.prefix.length) + mark.length)
  }

  #tag(slot: number): string {
    return `${this.prefix}{hc:${slot}}:`
  }
}

import type { ReplicaId, Topic } from '@headcount/core'

/** The keys of one slot. They share a hash tag, so that one script may use all of them. */
export interface SlotKeys {
  readonly leases: string
  /** The settings that all replicas share. Only the key of the home slot is used. */
  readonly settings: string
  /** An unused key, to test commands with. */
  readonly probe: string
  /** The keys of levels.lua, in its order: levels, due, passed, receivers. */
  readonly transitions: readonly [levels: string, due: string, passed: string, receivers: string]
  /** The replica that delivers transitions. Only the key of the home slot is used. */
  readonly leader: string
  /** The topics in which a replica has a row. */
  replica(id: string): string
  topic(topic: Topic): string
  history(topic: Topic): string
  channel(topic: Topic): string
  /** Prefix of the channel that only one replica subscribes to; its id follows. */
  readonly presence: string
}

/** The slot with the settings, in which every replica has a lease. */
export const homeSlot = 0

/** The keys and channels of one cluster of replicas. lua/topic.lua describes the keys. */
export class Keys {
  /**
   * @param database part of channel names, because pub/sub ignores databases.
   * @param slots number of hash tags over which topics are spread; the same for every replica of a cluster.
   */
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

  bySlot<T>(items: readonly T[], topicOf: (item: T) => Topic): Map<number, T[]> {
    const bySlot = new Map<number, T[]>()
    for (const item of items) {
      const slot = this.slotOf(topicOf(item))
      const list = bySlot.get(slot)
      if (list === undefined) bySlot.set(slot, [item])
      else list.push(item)
    }
    return bySlot
  }

  slot(index: number): SlotKeys {
    const start = `${this.prefix}:{${index}}:`
    return {
      leases: `${start}leases`,
      settings: `${start}settings`,
      probe: `${start}probe`,
      transitions: [`${start}levels`, `${start}due`, `${start}passed`, `${start}receivers`],
      leader: `${start}leader`,
      replica: (id) => `${start}replica:${id}`,
      topic: (topic) => `${start}topic:${topic}`,
      history: (topic) => `${start}history:${topic}`,
      channel: (topic) => `${start}changes:${this.database}:${topic}`,
      presence: `${start}presence:${this.database}:`,
    }
  }

  /** The topic of a channel; undefined for a presence channel. */
  topicOf(channel: string): Topic | undefined {
    const start = channel.indexOf('}') + 1
    const mark = `:changes:${this.database}:`
    return channel.startsWith(mark, start) ? channel.slice(start + mark.length) : undefined
  }
}

/** The id of a replica whose name is in Redis. A name written by another program may be invalid. */
export function replicaOf(name: string): ReplicaId {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

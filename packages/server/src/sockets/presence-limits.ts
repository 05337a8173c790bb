import type { Topic } from '@headcount/core'
import type { Limits } from './limits.js'

/** Who a channel belongs to, as far as limits need it: null where that is not limited or not known. */
export interface Origin {
  readonly userId: string | null
  readonly address: string | null
}

export type PresenceLimit = 'presencesPerUser' | 'presencesPerAddress'

/**
 * Bounds what one user, or one network address, can add to the count of a topic: channels beyond it observe. A page
 * that joins in a loop cannot inflate a count, and still sees it.
 */
export class PresenceLimits {
  readonly #counts = new Map<string, number>()

  constructor(private readonly limits: Pick<Limits, PresenceLimit>) {}

  /** Takes a place in the topic. Takes none, and returns the limit, where the user or the address has no more. */
  take(topic: Topic, origin: Origin): PresenceLimit | undefined {
    const places = this.#places(topic, origin)
    const full = places.find(([key, limit]) => (this.#counts.get(key) ?? 0) >= this.limits[limit])
    if (full !== undefined) return full[1]
    for (const [key] of places) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    return undefined
  }

  /** Gives back a place that `take` took. */
  release(topic: Topic, origin: Origin): void {
    for (const [key] of this.#places(topic, origin)) {
      const left = (this.#counts.get(key) ?? 1) - 1
      if (left === 0) this.#counts.delete(key)
      else this.#counts.set(key, left)
    }
  }

  /** Keys in which no two topics, users or addresses can meet, and the limit of each. */
  #places(topic: Topic, { userId, address }: Origin): [key: string, limit: PresenceLimit][] {
    const { presencesPerUser, presencesPerAddress } = this.limits
    const places: [string, PresenceLimit][] = []
    if (userId !== null && presencesPerUser > 0) places.push([`u${topic.length} ${topic}${userId}`, 'presencesPerUser'])
    if (address !== null && presencesPerAddress > 0)
      places.push([`a${topic.length} ${topic}${address}`, 'presencesPerAddress'])
    return places
  }
}

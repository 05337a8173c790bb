import type { PersonKey, Topic, Turn } from '@headcount/core'
import type { Limits } from './limits.js'

/** The user and the address by which a presence is limited: null if not limited or not known. */
export interface LimitKeys {
  readonly userId: string | null
  readonly address: string | null
}

export type PresenceLimit = 'presencesPerUser' | 'presencesPerAddress'

interface Owner {
  /** Unique for each topic and user or address. */
  readonly key: string
  readonly limit: PresenceLimit
}

/** A presence that waits for a place. */
interface Waiting {
  /** The owner whose places are all taken. */
  owner: Owner
  readonly owners: readonly Owner[]
  readonly person: PersonKey | null
  taken(): void
}

/** For most presences, which have no limit. */
const none: readonly Owner[] = []

/** How many waiting presences, at another limit of theirs, are skipped in a turn of the event loop. */
const maxTries = 10

/**
 * Limits the presences of one user, or one network address, in a topic: channels beyond it observe until a place is
 * free. So a page that joins in a loop cannot inflate a count, but still receives it. Where people are counted, all
 * presences of a person share one place.
 */
export class PresenceLimits {
  /** Places that are taken, by owner; and presences that share one, by owner and person. */
  readonly #counts = new Map<string, number>()
  /** By owner, in the order of arrival. */
  readonly #waiting = new Map<string, Set<Waiting>>()
  /** Owners with a place that was freed in this turn. */
  readonly #freed = new Map<string, Owner>()

  constructor(
    private readonly limits: Pick<Limits, PresenceLimit>,
    private readonly turn: Turn,
  ) {}

  /** Takes a place in the topic. If the user or the address has none left, takes none and returns the limit. */
  take(topic: Topic, limitKeys: LimitKeys, person: PersonKey | null): PresenceLimit | undefined {
    return this.#take(this.#owners(topic, limitKeys, person), person)?.limit
  }

  /**
   * Waits for a place, after `take` took none. Returns a function that ends it.
   * @param taken called once a place has been taken.
   */
  wait(topic: Topic, limitKeys: LimitKeys, person: PersonKey | null, taken: () => void): () => void {
    const owners = this.#owners(topic, limitKeys, person)
    const waiting = { owner: owners.find((owner) => this.#isFull(owner)) ?? owners[0]!, owners, person, taken }
    this.#wait(waiting)
    return () => this.#endWait(waiting)
  }

  /**
   * Frees a place. At the end of the turn a waiting presence takes it, so that a client that moves between groups keeps
   * its own.
   */
  release(topic: Topic, limitKeys: LimitKeys, person: PersonKey | null): void {
    for (const owner of this.#owners(topic, limitKeys, person)) {
      if (person !== null && this.#add(shareOf(owner, person), -1) > 0) continue
      this.#add(owner.key, -1)
      this.#handOverLater(owner)
    }
  }

  #handOverLater(owner: Owner): void {
    if (!this.#waiting.has(owner.key)) return
    if (this.#freed.size === 0) this.turn.run(() => this.#handOver())
    this.#freed.set(owner.key, owner)
  }

  /** Returns an owner that has no place left, if any. */
  #take(owners: readonly Owner[], person: PersonKey | null): Owner | undefined {
    if (owners.length === 0) return undefined
    const shares = (owner: Owner): boolean => person !== null && this.#counts.has(shareOf(owner, person))
    const full = owners.find((owner) => !shares(owner) && this.#isFull(owner))
    if (full !== undefined) return full
    for (const owner of owners) {
      if (!shares(owner)) this.#add(owner.key, 1)
      if (person !== null) this.#add(shareOf(owner, person), 1)
    }
    return undefined
  }

  #handOver(): void {
    const freed = [...this.#freed.values()]
    this.#freed.clear()
    for (const owner of freed) {
      for (let tries = 0; tries < maxTries && !this.#isFull(owner); ) {
        const [first] = this.#waiting.get(owner.key) ?? []
        if (first === undefined) break
        this.#endWait(first)
        const full = this.#take(first.owners, first.person)
        if (full === undefined) first.taken()
        else {
          tries += 1
          first.owner = full
          this.#wait(first)
        }
      }
      if (!this.#isFull(owner)) this.#handOverLater(owner)
    }
  }

  #wait(waiting: Waiting): void {
    const { key } = waiting.owner
    this.#waiting.set(key, (this.#waiting.get(key) ?? new Set()).add(waiting))
  }

  #endWait(waiting: Waiting): void {
    const { key } = waiting.owner
    const all = this.#waiting.get(key)
    all?.delete(waiting)
    if (all?.size === 0) this.#waiting.delete(key)
  }

  #isFull({ key, limit }: Owner): boolean {
    return (this.#counts.get(key) ?? 0) >= this.limits[limit]
  }

  /** Returns the new count. */
  #add(key: string, by: 1 | -1): number {
    const count = (this.#counts.get(key) ?? 0) + by
    if (count > 0) this.#counts.set(key, count)
    else this.#counts.delete(key)
    return count
  }

  /** A user who is counted as a person is one presence, so that limit does not apply. */
  #owners(topic: Topic, { userId, address }: LimitKeys, person: PersonKey | null): readonly Owner[] {
    const { presencesPerUser, presencesPerAddress } = this.limits
    if (userId === null && address === null) return none
    const owners: Owner[] = []
    if (userId !== null && person === null && presencesPerUser > 0)
      owners.push({ key: `u${topic.length} ${topic}${userId}`, limit: 'presencesPerUser' })
    if (address !== null && presencesPerAddress > 0)
      owners.push({ key: `a${topic.length} ${topic}${address}`, limit: 'presencesPerAddress' })
    return owners
  }
}

const shareOf = ({ key }: Owner, person: PersonKey): string => `p${key.length} ${key}${person}`

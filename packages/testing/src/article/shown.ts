import type { Counts, Diff } from '@headcount/protocol'

/**
 * What a client with the article's reducer shows of one topic: `presence_state` replaces it, `presence_diff` adds
 * `joins - leaves`, and nothing else is looked at.
 *
 * Beside the reducer stands what the reducer does not look at: every breach of the promise of exactness, in words.
 */
export class Shown {
  /** Undefined until the first state. */
  counts: Counts | undefined
  /** How many states and diffs came. */
  states = 0
  diffs = 0
  /** Breaches of the promise, the first few. */
  readonly faults: string[] = []

  /** One event of the topic. Any but these two is none of the reducer's. */
  take(event: string, payload: unknown): void {
    if (event === 'presence_state') this.#set(payload as Counts)
    else if (event === 'presence_diff') this.#add(payload as Diff)
  }

  #set(counts: Counts): void {
    this.states += 1
    this.counts = pick(counts)
    this.#check()
  }

  #add({ joins, leaves, counts }: Diff): void {
    this.diffs += 1
    if (this.counts === undefined) {
      this.#fault('a diff before the state')
      return
    }
    const { users, viewers } = this.counts
    this.counts = {
      users: { count: users.count + joins.users.count - leaves.users.count },
      viewers: { count: viewers.count + joins.viewers.count - leaves.viewers.count },
    }
    this.#check()
    if (counts !== undefined && !sameCounts(this.counts, counts)) {
      this.#fault(`${say(this.counts)} where the diff's own counts are ${say(counts)}`)
    }
  }

  #check(): void {
    const { users, viewers } = this.counts!
    if (!(users.count >= 0 && viewers.count >= 0)) this.#fault(`a count below zero: ${say(this.counts!)}`)
  }

  #fault(what: string): void {
    if (this.faults.length < 5) this.faults.push(what)
  }
}

export function sameCounts(a: Counts | undefined, b: Counts | undefined): boolean {
  return a?.users.count === b?.users.count && a?.viewers.count === b?.viewers.count
}

/** `{ users, viewers }` as counts. */
export function countsOf(users: number, viewers: number): Counts {
  return { users: { count: users }, viewers: { count: viewers } }
}

function pick({ users, viewers }: Counts): Counts {
  return countsOf(users.count, viewers.count)
}

function say({ users, viewers }: Counts): string {
  return `${users.count} users, ${viewers.count} viewers`
}

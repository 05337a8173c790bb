import type { Counts, Diff } from '@headcount/protocol'

/** Only the first faults are recorded: one is enough to fail a test. */
const maxFaults = 5

/**
 * The counts of one topic as a client of the article "Display channel users count with Elixir/Phoenix + React/Redux"
 * (2018) shows them: `presence_state` replaces the counts, `presence_diff` adds `joins - leaves`.
 *
 * The counts are correct only if every change arrived exactly once. Any violation is recorded as a fault.
 */
export class ShownCounts {
  /** Undefined before the first state. */
  counts: Counts | undefined
  states = 0
  diffs = 0
  readonly faults: string[] = []

  /** Applies one event of the topic. Other events change nothing. */
  apply(event: string, payload: unknown): void {
    if (event === 'presence_state') {
      this.states += 1
      if (isCounts(payload)) this.#set(countsOf(payload.users.count, payload.viewers.count))
      else this.#fault('a state without counts of users and viewers')
    } else if (event === 'presence_diff') {
      this.diffs += 1
      if (this.counts === undefined) this.#fault('a diff before the first state')
      else if (isDiff(payload)) this.#add(this.counts, payload)
      else this.#fault('a diff without counts of users and viewers')
    }
  }

  #add({ users, viewers }: Counts, { joins, leaves, counts }: Diff): void {
    const next = countsOf(
      users.count + joins.users.count - leaves.users.count,
      viewers.count + joins.viewers.count - leaves.viewers.count,
    )
    this.#set(next)
    if (counts !== undefined && !sameCounts(next, counts)) {
      this.#fault(`${text(next)} after a diff whose counts are ${text(counts)}`)
    }
  }

  #set(counts: Counts): void {
    this.counts = counts
    if (!(counts.users.count >= 0 && counts.viewers.count >= 0)) this.#fault(`a negative count: ${text(counts)}`)
  }

  #fault(fault: string): void {
    if (this.faults.length < maxFaults) this.faults.push(fault)
  }
}

export function sameCounts(a: Counts | undefined, b: Counts | undefined): boolean {
  return a?.users.count === b?.users.count && a?.viewers.count === b?.viewers.count
}

export function countsOf(users: number, viewers: number): Counts {
  return { users: { count: users }, viewers: { count: viewers } }
}

function isCounts(value: unknown): value is Counts {
  const { users, viewers } = (value ?? {}) as Partial<Counts>
  return Number.isInteger(users?.count) && Number.isInteger(viewers?.count)
}

function isDiff(value: unknown): value is Diff {
  const { joins, leaves } = (value ?? {}) as Partial<Diff>
  return isCounts(joins) && isCounts(leaves)
}

function text({ users, viewers }: Counts): string {
  return `${users.count} users, ${viewers.count} viewers`
}

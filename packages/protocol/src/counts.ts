/** A kind of presence with its own count: `users` (signed in) and `viewers` (anonymous) unless configured. */
export type Group = string

/** The default groups, in the order in which they are sent. */
export const defaultGroups = ['users', 'viewers'] as const
export type DefaultGroup = (typeof defaultGroups)[number]

/** The count of a group. `below` stands beside a count of 0 if the topic does not show counts below that number. */
export interface Count {
  readonly count: number
  readonly below?: number
}

/** `{ "users": { "count": 12 }, "viewers": { "count": 340 } }`. Every group is always present. */
export type Counts<G extends Group = DefaultGroup> = { readonly [group in G]: Count }

/** The increases and decreases by group. `counts` is the result; Phoenix does not send it. */
export interface Diff<G extends Group = DefaultGroup> {
  readonly joins: Counts<G>
  readonly leaves: Counts<G>
  readonly counts?: Counts<G>
}

/** The counts of one topic as numbers, in the order of its groups. */
export type Totals = readonly number[]

/** @param below the smallest count that the topic shows as a number; 0 if it shows all. */
export function toCounts<G extends Group>(groups: readonly G[], totals: Totals, below = 0): Counts<G> {
  const countOf = (count: number): Count => (count === 0 && below > 0 ? { count, below } : { count })
  return Object.fromEntries(groups.map((group, i) => [group, countOf(totals[i] ?? 0)])) as Counts<G>
}

export function zeroTotals(groups: number): number[] {
  return new Array<number>(groups).fill(0)
}

export function isZero(totals: Totals): boolean {
  return totals.every((count) => count === 0)
}

export function sumOf(totals: Totals): number {
  return totals.reduce((sum, count) => sum + count, 0)
}

export function sameTotals(a: Totals, b: Totals): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/**
 * The counts after a diff: `before + joins - leaves` for each group. Groups that only the diff has are added. So does
 * the reducer of the 2018 article "Display channel users count with Elixir/Phoenix + React/Redux".
 */
export function applyDiff<G extends Group>(before: Counts<G>, diff: Diff<G>): Counts<G> {
  const after: Record<string, { count: number }> = {}
  for (const group of Object.keys({ ...before, ...diff.joins }) as G[]) {
    const count = (before[group]?.count ?? 0) + (diff.joins[group]?.count ?? 0) - (diff.leaves[group]?.count ?? 0)
    after[group] = { count }
  }
  return after as Counts<G>
}

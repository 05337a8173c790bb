/** A kind of presence with its own count: `users` (signed in) and `viewers` (anonymous) unless configured. */
export type Group = string

/** The groups of the contract, in the order in which they stand on the wire. */
export const defaultGroups = ['users', 'viewers'] as const
export type DefaultGroup = (typeof defaultGroups)[number]

/** `{ "users": { "count": 12 }, "viewers": { "count": 340 } }`: every group is always present. */
export type Counts<G extends Group = DefaultGroup> = { readonly [group in G]: { readonly count: number } }

/** What moved since: `counts` is the resulting whole (absent from a real Phoenix). */
export interface Diff<G extends Group = DefaultGroup> {
  readonly joins: Counts<G>
  readonly leaves: Counts<G>
  readonly counts?: Counts<G>
}

/** The counts of one topic as numbers, in the order of its groups. How the server holds them. */
export type Totals = readonly number[]

export function toCounts<G extends Group>(groups: readonly G[], totals: Totals): Counts<G> {
  return Object.fromEntries(groups.map((group, i) => [group, { count: totals[i] ?? 0 }])) as Counts<G>
}

/** Zero for each of so many groups. */
export function zeroTotals(groups: number): number[] {
  return new Array<number>(groups).fill(0)
}

export function sameTotals(a: Totals, b: Totals): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/**
 * The whole counts after a diff, the way the article's reducer takes it: `before + joins - leaves`, group by group.
 * Groups that only the diff knows are added.
 */
export function applyDiff<G extends Group>(before: Counts<G>, diff: Diff<G>): Counts<G> {
  const after: Record<string, { count: number }> = {}
  for (const group of Object.keys({ ...before, ...diff.joins }) as G[]) {
    const count = (before[group]?.count ?? 0) + (diff.joins[group]?.count ?? 0) - (diff.leaves[group]?.count ?? 0)
    after[group] = { count }
  }
  return after as Counts<G>
}

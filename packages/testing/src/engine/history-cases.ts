import type { HistoryMinute, HistoryState } from '@headcount/core'
import type { Totals } from '@headcount/protocol'

/** A change of the totals of a topic, at a time in ms since 1970. */
export type HistoryStep =
  | { readonly at: number; readonly before: Totals; readonly after: Totals }
  /** The totals are observed without a change. */
  | { readonly at: number; readonly found: Totals }

export interface HistoryCase {
  readonly steps: readonly HistoryStep[]
  /** The record after the last step. */
  readonly state: HistoryState
  /** The newest minute. */
  readonly minute: HistoryMinute
}

/** A whole minute, in ms since 1970, and its number. */
const number = 28_800_000
const start = number * 60_000

const first: HistoryStep = { at: start + 500, before: [0, 0], after: [1, 2] }

/**
 * Examples of the history rule, with two groups: what a change adds to the record of a topic. Every implementation
 * of the rule must pass all cases.
 */
export const historyCases: Readonly<Record<string, HistoryCase>> = {
  'the first change begins a record, before which nothing is known': {
    steps: [first],
    state: { since: start + 500, seen: start + 500, totals: [1, 2] },
    minute: [number, 500, 0, start, 0, 0, 0, 0, 1, 2, 3, 500, 500, 500],
  },
  'a change in the same minute adds the time for which the totals were current': {
    steps: [first, { at: start + 1_500, before: [1, 2], after: [0, 2] }],
    state: { since: start + 500, seen: start + 1_500, totals: [0, 2] },
    minute: [number, 1_500, 1_000, start, 0, 0, 1_000, 2_000, 1, 2, 3, 500, 500, 500],
  },
  'a change in a later minute begins with the totals before it': {
    steps: [first, { at: start + 120_100, before: [1, 2], after: [5, 0] }],
    state: { since: start + 500, seen: start + 120_100, totals: [5, 0] },
    minute: [number + 2, 100, 100, 0, 1, 2, 100, 200, 5, 2, 5, 100, 0, 100],
  },
  'totals that end as a minute begins are not in it': {
    steps: [first, { at: start + 60_000, before: [1, 2], after: [0, 1] }],
    state: { since: start + 500, seen: start + 60_000, totals: [0, 1] },
    minute: [number + 1, 0, 0, 0, 1, 2, 0, 0, 0, 1, 1, 0, 0, 0],
  },
  'two changes in one millisecond only raise the peaks': {
    steps: [
      first,
      { at: start + 500, before: [1, 2], after: [4, 2] },
      { at: start + 500, before: [4, 2], after: [1, 1] },
    ],
    state: { since: start + 500, seen: start + 500, totals: [1, 1] },
    minute: [number, 500, 0, start, 0, 0, 0, 0, 4, 2, 6, 500, 500, 500],
  },
  'totals that changed without a record are a gap since the last change': {
    steps: [first, { at: start + 1_500, before: [9, 9], after: [4, 4] }],
    state: { since: start + 1_500, seen: start + 1_500, totals: [4, 4] },
    minute: [number, 1_500, 0, start, 0, 0, 0, 0, 4, 4, 8, 1_500, 1_500, 1_500],
  },
  'totals that were found unchanged are known until then': {
    steps: [first, { at: start + 900, found: [1, 2] }, { at: start + 1_500, before: [9, 9], after: [4, 4] }],
    state: { since: start + 1_500, seen: start + 1_500, totals: [4, 4] },
    minute: [number, 1_500, 400, start, 0, 0, 400, 800, 4, 4, 8, 1_500, 1_500, 1_500],
  },
  'totals that were found changed are not known': {
    steps: [first, { at: start + 900, found: [9, 9] }],
    state: { since: start + 500, seen: start + 500, totals: [1, 2] },
    minute: [number, 500, 0, start, 0, 0, 0, 0, 1, 2, 3, 500, 500, 500],
  },
  'a gap of several minutes ends with the change, and has a beginning': {
    steps: [first, { at: start + 60_400, found: [1, 2] }, { at: start + 120_100, before: [0, 0], after: [3, 0] }],
    state: { since: start + 120_100, seen: start + 120_100, totals: [3, 0] },
    minute: [number + 2, 100, 0, 59_600, 1, 2, 0, 0, 3, 0, 3, 100, 100, 100],
  },
  'a clock that is slightly behind adds no time': {
    steps: [first, { at: start + 400, before: [1, 2], after: [2, 2] }],
    state: { since: start + 500, seen: start + 500, totals: [2, 2] },
    minute: [number, 500, 0, start, 0, 0, 0, 0, 2, 2, 4, 500, 500, 500],
  },
  'a clock that is slightly behind adds no time in a later minute, too': {
    steps: [
      { ...first, at: start + 60_100 },
      { at: start + 59_900, before: [1, 2], after: [2, 2] },
    ],
    state: { since: start + 60_100, seen: start + 60_100, totals: [2, 2] },
    minute: [number + 1, 100, 0, start + 60_000, 0, 0, 0, 0, 2, 2, 4, 100, 100, 100],
  },
  'a clock that is far behind begins a new record': {
    steps: [
      { ...first, at: start + 3_600_000 },
      { at: start + 7, before: [1, 2], after: [2, 2] },
    ],
    state: { since: start + 7, seen: start + 7, totals: [2, 2] },
    minute: [number, 7, 0, start, 0, 0, 0, 0, 2, 2, 4, 7, 7, 7],
  },
  'a minute of the day before is not the same minute': {
    steps: [first, { at: start + 1_441 * 60_000, before: [1, 2], after: [1, 1] }],
    state: { since: start + 500, seen: start + 1_441 * 60_000, totals: [1, 1] },
    minute: [number + 1_441, 0, 0, 0, 1, 2, 0, 0, 1, 1, 2, 0, 0, 0],
  },
}

import { describe, expect, it } from 'vitest'
import { countsOf, ShownCounts } from './shown-counts.js'

const diff = (joins: [number, number], leaves: [number, number], counts?: [number, number]) => ({
  joins: countsOf(...joins),
  leaves: countsOf(...leaves),
  ...(counts === undefined ? {} : { counts: countsOf(...counts) }),
})

describe('ShownCounts', () => {
  it('replaces the counts on a state and adds joins minus leaves on a diff', () => {
    const shown = new ShownCounts()
    shown.apply('presence_state', countsOf(1, 2))
    shown.apply('presence_diff', diff([2, 0], [0, 1], [3, 1]))
    shown.apply('phx_reply', { status: 'ok' })
    expect(shown.counts).toEqual(countsOf(3, 1))
    shown.apply('presence_state', countsOf(0, 1))
    expect(shown).toMatchObject({ counts: countsOf(0, 1), faults: [], states: 2, diffs: 1 })
  })

  it.each([
    ['an early diff', undefined, diff([0, 1], [0, 0]), 'a diff before the first state'],
    [
      'a repeated diff',
      countsOf(0, 1),
      diff([0, 1], [0, 0], [0, 1]),
      '0 users, 2 viewers after a diff whose counts are 0 users, 1 viewers',
    ],
    ['a negative count', countsOf(0, 0), diff([0, 0], [1, 0]), 'a negative count: -1 users, 0 viewers'],
  ])('reports %s', (_, state, change, fault) => {
    const shown = new ShownCounts()
    if (state !== undefined) shown.apply('presence_state', state)
    shown.apply('presence_diff', change)
    expect(shown.faults).toEqual([fault])
  })
})

import { describe, expect, it } from 'vitest'
import { countsOf, Shown } from './shown.js'

const diff = (joins: [number, number], leaves: [number, number], counts?: [number, number]) => ({
  joins: countsOf(...joins),
  leaves: countsOf(...leaves),
  ...(counts === undefined ? {} : { counts: countsOf(...counts) }),
})

describe('Shown', () => {
  it("shows what the article's reducer shows", () => {
    const shown = new Shown()
    shown.take('presence_state', countsOf(1, 2))
    shown.take('presence_diff', diff([2, 0], [0, 1], [3, 1]))
    shown.take('phx_reply', { status: 'ok' })
    expect(shown.counts).toEqual(countsOf(3, 1))
    shown.take('presence_state', countsOf(0, 1))
    expect(shown.counts).toEqual(countsOf(0, 1))
    expect(shown.faults).toEqual([])
    expect(shown).toMatchObject({ states: 2, diffs: 1 })
  })

  it('says where the promise is broken: a diff too early, one too many, a count below zero', () => {
    const early = new Shown()
    early.take('presence_diff', diff([0, 1], [0, 0]))
    expect(early.faults).toEqual(['a diff before the state'])
    const twice = new Shown()
    twice.take('presence_state', countsOf(0, 1))
    twice.take('presence_diff', diff([0, 1], [0, 0], [0, 1]))
    expect(twice.faults).toEqual(["0 users, 2 viewers where the diff's own counts are 0 users, 1 viewers"])
    const below = new Shown()
    below.take('presence_state', countsOf(0, 0))
    below.take('presence_diff', diff([0, 0], [1, 0]))
    expect(below.faults).toEqual(['a count below zero: -1 users, 0 viewers'])
  })
})

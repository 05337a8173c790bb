import { describe, expect, test } from 'vitest'
import { type Presence, Tracker } from './tracker.js'

const user: Presence = { group: 0, person: null, device: null }
const viewer: Presence = { group: 1, person: null, device: null }
const person = (key: string, group = 0, device: string | null = null): Presence => ({
  group,
  person: key,
  device,
})

describe('connections', () => {
  test('what moved is said once, as a whole', () => {
    const tracker = new Tracker(2)
    tracker.track('a', viewer)
    tracker.track('a', viewer)
    tracker.track('a', user)
    expect(tracker.take()).toEqual([{ topic: 'a', counts: [1, 2], people: [] }])
    expect(tracker.take()).toEqual([])
  })

  test('a topic is forgotten once its last leave has been said', () => {
    const tracker = new Tracker(2)
    tracker.track('a', viewer)
    tracker.take()
    tracker.untrack('a', viewer, 0, 0)
    expect(tracker.size).toBe(1)
    expect(tracker.take()).toEqual([{ topic: 'a', counts: [0, 0], people: [] }])
    expect(tracker.size).toBe(0)
  })

  test('what could not be said is said again, as it is by then', () => {
    const tracker = new Tracker(2)
    tracker.track('a', viewer)
    const moves = tracker.take()
    tracker.track('a', viewer)
    tracker.untake(moves)
    expect(tracker.take()).toEqual([{ topic: 'a', counts: [0, 2], people: [] }])
  })

  test('a leave that could not be said is said again though nothing is held any more', () => {
    const tracker = new Tracker(2)
    tracker.track('a', viewer)
    tracker.take()
    tracker.untrack('a', viewer, 0, 0)
    tracker.untake(tracker.take())
    expect(tracker.take()).toEqual([{ topic: 'a', counts: [0, 0], people: [] }])
  })

  test('once the cluster has forgotten it, everything is said anew', () => {
    const tracker = new Tracker(2)
    tracker.track('a', viewer)
    tracker.track('b', person('ada'))
    tracker.take()
    tracker.moveAll()
    expect(tracker.take()).toEqual([
      { topic: 'a', counts: [0, 1], people: [] },
      { topic: 'b', counts: [0, 0], people: [{ key: 'ada', group: 0, held: false, device: null }] },
    ])
  })
})

describe('people', () => {
  test('three tabs are one person, who leaves with the last of them', () => {
    const tracker = new Tracker(2)
    for (let tab = 0; tab < 3; tab++) tracker.track('a', person('ada'))
    expect(tracker.counts('a')).toEqual([1, 0])
    expect(tracker.take()[0]?.people).toEqual([{ key: 'ada', group: 0, held: false, device: null }])
    tracker.untrack('a', person('ada'), 0, 0)
    tracker.untrack('a', person('ada'), 0, 0)
    expect(tracker.take()).toEqual([])
    tracker.untrack('a', person('ada'), 0, 0)
    expect(tracker.counts('a')).toEqual([0, 0])
    expect(tracker.take()[0]?.people).toEqual([{ key: 'ada', group: null, held: false, device: null }])
    expect(tracker.size).toBe(0)
  })

  test('somebody in two groups counts in the first of them', () => {
    const tracker = new Tracker(2)
    tracker.track('a', person('ada', 1))
    tracker.track('a', person('ada', 0))
    expect(tracker.counts('a')).toEqual([1, 0])
    tracker.untrack('a', person('ada', 0), 0, 0)
    expect(tracker.counts('a')).toEqual([0, 1])
  })

  test('one who comes back within grace was never away', () => {
    const tracker = new Tracker(2)
    tracker.track('a', person('ada'))
    tracker.take()
    tracker.untrack('a', person('ada'), 1000, 0)
    expect(tracker.counts('a')).toEqual([1, 0])
    expect(tracker.expire(999)).toBe(1000)
    tracker.track('a', person('ada'))
    expect(tracker.expire(5000)).toBeUndefined()
    expect(tracker.counts('a')).toEqual([1, 0])
    expect(tracker.take()[0]?.people).toEqual([{ key: 'ada', group: 0, held: false, device: null }])
  })

  test('one who does not is let go when grace is over, in the order of leaving', () => {
    const tracker = new Tracker(2)
    for (const key of ['ada', 'bob', 'eve']) tracker.track('a', person(key))
    tracker.untrack('a', person('ada'), 1000, 0)
    tracker.untrack('a', person('bob'), 1000, 10)
    tracker.track('a', person('ada'))
    tracker.untrack('a', person('ada'), 1000, 20)
    expect(tracker.expire(1010)).toBe(1020)
    expect(tracker.counts('a')).toEqual([2, 0])
    expect(tracker.expire(1020)).toBeUndefined()
    expect(tracker.counts('a')).toEqual([1, 0])
  })

  test('one who has signed in is in the other group at once, and held in none', () => {
    const tracker = new Tracker(2)
    tracker.track('a', person('device', 1, 'device'))
    tracker.untrack('a', person('device', 1, 'device'), 1000, 0)
    expect(tracker.counts('a')).toEqual([0, 1])
    tracker.track('a', person('ada', 0, 'device'))
    expect(tracker.counts('a')).toEqual([1, 0])
    tracker.untrack('a', person('ada', 0, 'device'), 1000, 10)
    tracker.track('a', person('device', 1, 'device'))
    expect(tracker.counts('a')).toEqual([0, 1])
    expect(tracker.expire(5000)).toBeUndefined()
  })

  test('signing out on one device leaves the user, who has another', () => {
    const tracker = new Tracker(2)
    tracker.track('a', person('ada', 0, 'phone'))
    tracker.track('a', person('ada', 0, 'desk'))
    tracker.untrack('a', person('ada', 0, 'phone'), 1000, 0)
    tracker.track('a', person('phone', 1, 'phone'))
    expect(tracker.counts('a')).toEqual([1, 1])
  })
})

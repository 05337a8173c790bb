import { describe, expect, test } from 'vitest'
import type { Presence } from './presence.js'
import { Tracker } from './tracker.js'

const user: Presence = { group: 0, person: null }
const viewer: Presence = { group: 1, person: null }
const person = (key: string, group = 0): Presence => ({ group, person: key })

function make() {
  let changes = 0
  const tracker = new Tracker(2, () => changes++)
  const take = () => tracker.take(() => 50).map(({ topic, counts, people }) => ({ topic, counts, people }))
  return { tracker, take, changes: () => changes }
}

describe('connections', () => {
  test('a change is returned once, as absolute counts', () => {
    const { tracker, take } = make()
    tracker.track('a', viewer)
    tracker.track('a', viewer)
    tracker.track('a', user)
    expect(take()).toEqual([{ topic: 'a', counts: [1, 2], people: [] }])
    expect(take()).toEqual([])
  })

  test('a topic is dropped once its last leave has been taken', () => {
    const { tracker, take } = make()
    tracker.track('a', viewer)
    take()
    tracker.untrack('a', viewer)
    expect(tracker.size).toBe(1)
    expect(take()).toEqual([{ topic: 'a', counts: [0, 0], people: [] }])
    expect(tracker.size).toBe(0)
  })

  test('a restored change is returned again with the counts as they are by then', () => {
    const { tracker, take } = make()
    tracker.track('a', viewer)
    const changes = tracker.take(() => 50)
    tracker.track('a', viewer)
    tracker.restore(changes)
    expect(take()).toEqual([{ topic: 'a', counts: [0, 2], people: [] }])
  })

  test('a restored leave is returned again though the topic has no presences', () => {
    const { tracker, take } = make()
    tracker.track('a', viewer)
    take()
    tracker.untrack('a', viewer)
    tracker.restore(tracker.take(() => 50))
    expect(take()).toEqual([{ topic: 'a', counts: [0, 0], people: [] }])
  })

  test('markAll returns every topic and person again', () => {
    const { tracker, take } = make()
    tracker.track('a', viewer)
    tracker.track('b', person('ada'))
    take()
    tracker.markAll()
    expect(take()).toEqual([
      { topic: 'a', counts: [0, 1], people: [] },
      { topic: 'b', counts: [0, 0], people: [{ key: 'ada', group: 0 }] },
    ])
  })

  test('the callback is called for every change', () => {
    const { tracker, changes } = make()
    tracker.track('a', viewer)
    tracker.untrack('a', viewer)
    expect(changes()).toBe(2)
  })
})

describe('people', () => {
  test('three tabs are one person, who leaves with the last of them', () => {
    const { tracker, take } = make()
    for (let tab = 0; tab < 3; tab++) tracker.track('a', person('ada'))
    expect(take()[0]?.people).toEqual([{ key: 'ada', group: 0 }])
    tracker.untrack('a', person('ada'))
    tracker.untrack('a', person('ada'))
    expect(take()).toEqual([])
    tracker.untrack('a', person('ada'))
    expect(take()[0]?.people).toEqual([{ key: 'ada', group: null }])
    expect(tracker.size).toBe(0)
  })

  test('a person in two groups counts in the lower one', () => {
    const { tracker, take } = make()
    tracker.track('a', person('ada', 1))
    tracker.track('a', person('ada', 0))
    expect(take()[0]?.people).toEqual([{ key: 'ada', group: 0 }])
    tracker.untrack('a', person('ada', 0))
    expect(take()[0]?.people).toEqual([{ key: 'ada', group: 1 }])
  })

  test('a restored leave of a person is returned again', () => {
    const { tracker, take } = make()
    tracker.track('a', person('ada'))
    take()
    tracker.untrack('a', person('ada'))
    tracker.restore(tracker.take(() => 50))
    expect(take()[0]?.people).toEqual([{ key: 'ada', group: null }])
    expect(tracker.size).toBe(0)
  })
})

import type { Change } from '@headcount/core'
import { describe, expect, it } from 'vitest'
import { TopicState } from './topic-state.js'

const counts = (...numbers: number[]): Change => ({ topic: 't', counts: numbers, people: [], interval: 50 })
const person = (key: string, group: number | null): Change => ({ ...counts(0, 0), people: [{ key, group }] })

describe('the totals of a topic', () => {
  it('are the newest received, in any order of arrival', () => {
    const topic = new TopicState('t', 2)
    topic.receive(2, [2, 0])
    topic.receive(1, [1, 0])
    expect(topic.totals).toEqual([2, 0])
  })

  it('are an older answer if Redis lost the version that was known at the request', () => {
    const topic = new TopicState('t', 2)
    topic.receive(9, [9, 0])
    topic.receive(3, [3, 0], 9)
    expect(topic.totals).toEqual([3, 0])
    topic.receive(5, [5, 0])
    topic.receive(4, [4, 0], 3)
    expect(topic.totals, 'an answer that a message overtook').toEqual([5, 0])
  })

  it('include pending changes once, however often a commit fails', () => {
    const topic = new TopicState('t', 2)
    topic.receive(1, [10, 10])
    topic.acknowledge(counts(1, 1))
    for (let i = 0; i < 3; i++) topic.fail(counts(3, 0))
    expect(topic.totals).toEqual([12, 9])
    topic.fail(counts(0, 0))
    expect(topic.totals).toEqual([9, 9])
    topic.receive(2, [9, 9])
    topic.acknowledge(counts(0, 0))
    expect(topic.totals).toEqual([9, 9])
  })

  it('show a presence that moves in one group, whichever of the message and the answer comes first', () => {
    for (const move of [counts(1, 0), { ...person('ann', 0), counts: [0, 0] }]) {
      const topic = new TopicState('t', 2)
      topic.acknowledge(move.people.length > 0 ? person('ann', 1) : counts(0, 1))
      topic.receive(1, [0, 1])
      topic.send(move)
      expect(topic.totals).toEqual([0, 1])
      topic.receive(2, [1, 0])
      expect(topic.totals, 'the message is first').toEqual([1, 0])
      topic.acknowledge(move)
      expect(topic.totals).toEqual([1, 0])
    }
  })

  it('include each pending person once', () => {
    const topic = new TopicState('t', 2)
    topic.acknowledge(person('ann', 1))
    topic.receive(1, [0, 1])
    for (let i = 0; i < 2; i++) topic.fail(person('ann', 0))
    expect(topic.totals).toEqual([1, 0])
    topic.fail(person('bob', 1))
    topic.fail(person('ann', null))
    expect(topic.totals).toEqual([0, 1])
  })

  it('do not count an unanswered commit twice once newer totals arrive', () => {
    const topic = new TopicState('t', 2)
    topic.receive(1, [1, 0])
    topic.acknowledge(counts(1, 0))
    topic.fail(counts(5, 0), 1)
    expect(topic.totals, 'nothing has arrived').toEqual([5, 0])
    topic.receive(2, [5, 0])
    expect(topic.totals, 'the commit had reached Redis').toEqual([5, 0])
    topic.fail(counts(6, 0))
    expect(topic.totals, 'one more, not sent').toEqual([6, 0])
    topic.receive(3, [7, 0])
    expect(topic.totals, 'two more on other replicas').toEqual([8, 0])
  })

  it('do not count an unanswered commit twice if newer totals arrived before the timeout', () => {
    const topic = new TopicState('t', 2)
    topic.receive(2, [5, 0])
    topic.fail(counts(5, 0), 1)
    expect(topic.totals).toEqual([5, 0])
  })

  it('include each pending person once while they are committed in parts', () => {
    const topic = new TopicState('t', 2)
    topic.receive(1, [5, 3])
    topic.acknowledge(person('ann', 0))
    topic.acknowledge(person('bob', 0))
    for (const change of [person('ann', 1), person('bob', null), person('cat', 1)]) topic.fail(change)
    expect(topic.totals).toEqual([3, 5])
    for (const [key, group, totals] of [
      ['ann', 1, [4, 4]],
      ['bob', null, [3, 4]],
      ['cat', 1, [3, 5]],
    ] as const) {
      expect(topic.expectedPeople, 'uncertain until the last part').toBe(-1)
      topic.receive(topic.version + 1, totals)
      topic.acknowledge(person(key, group))
      expect(topic.totals, key).toEqual([3, 5])
    }
    expect(topic.expectedPeople).toBe(2)
  })

  it('are never negative', () => {
    const topic = new TopicState('t', 2)
    topic.acknowledge(counts(3, 0))
    topic.fail(counts(0, 0))
    expect(topic.totals).toEqual([0, 0])
  })

  it('stay the same when Redis loses everything, until the next answer', () => {
    const topic = new TopicState('t', 2)
    topic.receive(1, [5, 1])
    topic.acknowledge({ ...person('ann', 1), counts: [2, 0] })
    topic.lose()
    expect(topic.totals).toEqual([5, 1])
    topic.fail({ ...person('ann', 1), counts: [2, 0] })
    expect(topic.totals, 'the next commit fails').toEqual([5, 1])
  })
})

describe('a topic', () => {
  it('is used while the cluster may have presences of this replica', () => {
    const topic = new TopicState('t', 2)
    expect(topic.used).toBe(false)
    topic.acknowledge(person('ann', 1))
    expect(topic.used).toBe(true)
    topic.acknowledge(person('ann', null))
    expect(topic.used).toBe(false)
    topic.acknowledge(counts(1, 0))
    topic.fail(counts(0, 0))
    expect(topic.used, 'the removal is pending').toBe(true)
  })

  it('commits the pending people together with the next change', () => {
    const topic = new TopicState('t', 2)
    for (const change of [person('ann', 0), person('bob', 1)]) topic.fail(change)
    expect(topic.withPending({ ...person('bob', null), counts: [7, 0] })).toEqual({
      ...counts(7, 0),
      people: [
        { key: 'ann', group: 0 },
        { key: 'bob', group: null },
      ],
    })
  })

  it('commits all of its people again after Redis lost them, including the newest change', () => {
    const topic = new TopicState('t', 2)
    topic.acknowledge({ ...person('ann', 1), counts: [2, 2] })
    topic.acknowledge({ ...person('bob', 0), counts: [2, 2] })
    expect(topic.expectedPeople).toBe(2)
    expect(topic.change.people).toEqual([])
    topic.fail({ ...person('bob', null), counts: [3, 3] })
    topic.lose()
    expect(topic.expectedPeople).toBe(-1)
    expect(topic.change).toEqual({ ...person('ann', 1), counts: [3, 3] })
  })
})

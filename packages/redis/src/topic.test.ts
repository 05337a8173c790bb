import type { Change } from '@headcount/core'
import { describe, expect, it } from 'vitest'
import { TopicState } from './topic.js'

const said = (...counts: number[]): Change => ({ topic: 't', counts, people: [], interval: 50 })
const person = (key: string, group: number | null): Change => ({
  ...said(0, 0),
  people: [{ key, group, held: false, device: null }],
})

describe('what is known of a topic', () => {
  it('is the newest that was heard, in whatever order it comes', () => {
    const topic = new TopicState('t', 2)
    topic.hear(2, [2, 0])
    topic.hear(1, [1, 0])
    expect(topic.view()).toEqual([2, 0])
  })

  it('is an older answer where Redis no longer knows what was known when it was asked', () => {
    const topic = new TopicState('t', 2)
    topic.hear(9, [9, 0])
    topic.hear(3, [3, 0], 9)
    expect(topic.view()).toEqual([3, 0])
    topic.hear(5, [5, 0])
    topic.hear(4, [4, 0], 3)
    expect(topic.view(), 'an answer that news has overtaken').toEqual([5, 0])
  })

  it('has on top what could not be said, however often it is tried', () => {
    const topic = new TopicState('t', 2)
    topic.hear(1, [10, 10])
    topic.keep(said(1, 1))
    for (let i = 0; i < 3; i++) topic.fail(said(3, 0))
    expect(topic.view()).toEqual([12, 9])
    topic.fail(said(0, 0))
    expect(topic.view()).toEqual([9, 9])
    topic.hear(2, [9, 9])
    topic.keep(said(0, 0))
    expect(topic.view()).toEqual([9, 9])
  })

  it('counts people who came, moved and went meanwhile once', () => {
    const topic = new TopicState('t', 2)
    topic.keep(person('ann', 1))
    topic.hear(1, [0, 1])
    for (let i = 0; i < 2; i++) topic.fail(person('ann', 0))
    expect(topic.view()).toEqual([1, 0])
    topic.fail(person('bob', 1))
    topic.fail(person('ann', null))
    expect(topic.view()).toEqual([0, 1])
  })

  it('never counts twice what was sent, not answered, and heard of', () => {
    const topic = new TopicState('t', 2)
    topic.hear(1, [1, 0])
    topic.keep(said(1, 0))
    topic.fail(said(5, 0), 1)
    expect(topic.view(), 'nothing was heard').toEqual([5, 0])
    topic.hear(2, [5, 0])
    expect(topic.view(), 'it had arrived').toEqual([5, 0])
    topic.fail(said(6, 0))
    expect(topic.view(), 'one more, not sent').toEqual([6, 0])
    topic.hear(3, [7, 0])
    expect(topic.view(), 'two more elsewhere').toEqual([8, 0])
  })

  it('does not count twice what was heard of before it was given up', () => {
    const topic = new TopicState('t', 2)
    topic.hear(2, [5, 0])
    topic.fail(said(5, 0), 1)
    expect(topic.view()).toEqual([5, 0])
  })

  it('is never below nothing', () => {
    const topic = new TopicState('t', 2)
    topic.keep(said(3, 0))
    topic.fail(said(0, 0))
    expect(topic.view()).toEqual([0, 0])
  })

  it('is needed while it is watched, or the cluster may hold anything of us', () => {
    const topic = new TopicState('t', 2)
    expect(topic.needed).toBe(false)
    topic.keep(person('ann', 1))
    expect(topic.needed).toBe(true)
    topic.keep(person('ann', null))
    expect(topic.needed).toBe(false)
    topic.fail(said(0, 0))
    expect(topic.needed, 'that has still to be said').toBe(true)
  })

  it('is said whole after a loss: what is not named has gone', () => {
    const topic = new TopicState('t', 2)
    topic.keep({ ...person('ann', 1), counts: [2, 2] })
    topic.fail(person('bob', 0))
    expect(topic.complete(person('cid', 0)).people.map(({ key, group }) => [key, group])).toEqual([
      ['ann', null],
      ['bob', null],
      ['cid', 0],
    ])
    expect(topic.complete().counts).toEqual([0, 0])
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { internalTopic } from '../engine/internal-topics.js'
import { FakeClock } from '../runtime/fake-clock.js'
import { BusiestTopics } from './busiest-topics.js'
import type { Presence } from './presence.js'
import { Tracker } from './tracker.js'

const viewer: Presence = { group: 1, person: null }

function setUp() {
  const clock = new FakeClock()
  const busiest = new BusiestTopics(clock)
  const noop = () => {}
  const tracker = new Tracker(2, noop, () => [0, 0], busiest)
  const join = (topic: string, times = 1, presence = viewer) => {
    for (let i = 0; i < times; i++) tracker.track(topic, presence)
  }
  const commit = () => tracker.take(() => 50)
  return { clock, busiest, tracker, join, commit }
}

test('the largest topics are those with the most presences, after any joins and leaves', () => {
  const step = fc.record({
    topic: fc.constantFrom('a:1', 'a:2', 'a:3', 'b:1', 'b:2', 'b:3'),
    person: fc.constantFrom(null, null, 'ann', 'bob'),
    group: fc.nat(1),
    joins: fc.boolean(),
  })
  const query = fc.record({ limit: fc.integer({ min: 1, max: 7 }), prefix: fc.constantFrom('', 'a:', 'a:2', 'c') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), query, (steps, { limit, prefix }) => {
      const { busiest, tracker } = setUp()
      const open: { topic: string; presence: Presence }[] = []
      for (const { topic, person, group, joins } of steps) {
        const presence = { group, person }
        const index = open.findIndex((each) => each.topic === topic)
        if (joins) {
          tracker.track(topic, presence)
          open.push({ topic, presence })
        } else if (index >= 0) tracker.untrack(topic, open.splice(index, 1)[0]!.presence)
      }
      const sizeOf = (topic: string) => {
        const { counts, people } = tracker.view(topic) ?? { counts: [], people: [] }
        return [...counts, ...people].reduce((sum, count) => sum + count, 0)
      }
      const all = ['a:1', 'a:2', 'a:3', 'b:1', 'b:2', 'b:3'].filter((topic) => sizeOf(topic) > 0)
      const expected = all.filter((topic) => topic.startsWith(prefix)).map(sizeOf)
      expected.sort((a, b) => b - a)
      const { topics, others } = busiest.query({ sort: 'count', prefix, limit })
      expect(topics.map(({ value }) => value)).toEqual(expected.slice(0, limit))
      for (const { topic, value } of topics) {
        expect(topic.startsWith(prefix)).toBe(true)
        expect(value).toBe(sizeOf(topic))
      }
      expect(new Set(topics.map(({ topic }) => topic)).size).toBe(topics.length)
      expect(others).toBeGreaterThanOrEqual(expected[limit] ?? 0)
    }),
    { numRuns: 500 },
  )
})

test('the view of a topic has connections, people, and those with several channels', () => {
  const { tracker, join } = setUp()
  join('a', 2)
  join('a', 1, { group: 1, person: 'ann' })
  join('a', 2, { group: 0, person: 'ann' })
  join('a', 1, { group: 1, person: 'bob' })
  expect(tracker.view('a')).toEqual({ counts: [0, 2], people: [1, 1], channels: 4, severalChannels: 1 })
  expect(tracker.view('b')).toBeUndefined()
})

test('a steady rate of joins is that rate, and decays when the joins end', async () => {
  const { clock, busiest, join, commit } = setUp()
  for (let second = 0; second < 600; second++) {
    join('busy', 20)
    join('quiet', 2)
    commit()
    await clock.advance(1000)
  }
  const rates = () => busiest.query({ sort: 'joins', prefix: '', limit: 10 })
  const { topics, others } = rates()
  expect(topics.map(({ topic }) => topic)).toEqual(['busy', 'quiet'])
  expect(topics[0]!.value).toBeCloseTo(20, 0)
  expect(topics[1]!.value).toBeCloseTo(2, 0)
  expect(others).toBe(0)
  await clock.advance(60_000)
  expect(rates().topics[0]!.value).toBeCloseTo(20 / Math.E, 0)
  // Weights have become so large that they were divided.
  await clock.advance(86_400_000)
  join('late')
  commit()
  expect(rates().topics[0]).toMatchObject({ topic: 'late', value: expect.closeTo(1 / 60, 3) })
})

test('if more topics are joined than are kept, the busiest stay, and no other exceeds the reported bound', () => {
  const { busiest, join, commit } = setUp()
  const joins = new Map<string, number>()
  const add = (topic: string, times: number) => {
    joins.set(topic, (joins.get(topic) ?? 0) + times)
    join(topic, times)
    commit()
  }
  for (let i = 0; i < 5_000; i++) {
    add(`once:${i}`, 1)
    if (i % 10 === 0) add(`busy:${(i / 10) % 5}`, 3)
  }
  const { topics, others } = busiest.query({ sort: 'joins', prefix: '', limit: 5 })
  expect(topics.map(({ topic }) => topic).sort()).toEqual(['busy:0', 'busy:1', 'busy:2', 'busy:3', 'busy:4'])
  const rateOf = (topic: string) => joins.get(topic)! / 60
  for (const { topic, value } of topics) expect(value).toBeLessThanOrEqual(rateOf(topic) + 1e-9)
  const listed = new Set(topics.map(({ topic }) => topic))
  for (const topic of joins.keys()) if (!listed.has(topic)) expect(rateOf(topic)).toBeLessThanOrEqual(others + 1e-9)
})

test('internal topics are not among the busiest', () => {
  const { busiest, join, commit } = setUp()
  join(internalTopic('canary'), 3)
  join('a')
  commit()
  for (const sort of ['count', 'joins'] as const) {
    const { topics, others } = busiest.query({ sort, prefix: '', limit: 10 })
    expect([topics.map(({ topic }) => topic), others]).toEqual([['a'], 0])
  }
})

test('a query examines a bounded number of topics, and reports how much it may have missed', () => {
  const { busiest, join } = setUp()
  join('z:rare')
  for (let i = 0; i < 5_000; i++) join(`a:${i}`, 2)
  expect(busiest.query({ sort: 'count', prefix: 'z:', limit: 10 })).toEqual({ topics: [], others: 1 })
  expect(busiest.query({ sort: 'count', prefix: 'a:', limit: 2 })).toMatchObject({ others: 2 })
})

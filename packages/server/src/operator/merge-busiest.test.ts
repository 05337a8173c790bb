import type { Busiest } from '@headcount/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeBusiest, page } from './merge-busiest.js'

/** The busiest topics that a replica with these counts reports. */
function busiestOf(counts: ReadonlyMap<string, number>, limit: number): Busiest {
  const sorted = [...counts].map(([topic, value]) => ({ topic, value, joins: 0 })).sort((a, b) => b.value - a.value)
  return { topics: sorted.slice(0, limit), others: sorted[limit]?.value ?? 0 }
}

test('no omitted topic has more than the stated bound, however its presences are spread over replicas', () => {
  const names = fc.constantFrom(...'abcdefghijkl')
  const replica = fc.array(fc.tuple(names, fc.integer({ min: 1, max: 20 }))).map((entries) => new Map(entries))
  fc.assert(
    fc.property(
      fc.array(replica, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 8 }),
      (replicas, limit, max) => {
        const totals = new Map<string, number>()
        for (const [topic, count] of replicas.flatMap((counts) => [...counts])) {
          totals.set(topic, (totals.get(topic) ?? 0) + count)
        }
        const parts = replicas.map((counts) => busiestOf(counts, limit))
        const { topics, othersAtMost } = mergeBusiest(parts, max)
        expect(topics.length).toBeLessThanOrEqual(max)
        const named = new Map(topics.map(({ topic, value }) => [topic, value]))
        for (const [topic, total] of totals) {
          if (named.has(topic)) expect(named.get(topic)).toBeLessThanOrEqual(total)
          else expect(total).toBeLessThanOrEqual(othersAtMost)
        }
      },
    ),
    { numRuns: 1_000 },
  )
})

test('pages have every item once, in order, also those with the same value', () => {
  const items = ['e', 'd', 'c', 'b', 'a'].map((topic, i) => ({ topic, value: i === 4 ? 9 : 3 }))
  const seen: string[] = []
  let next: readonly [number, string] | undefined
  do {
    const read = page(items, ({ topic, value }) => [value, topic], 2, next)
    seen.push(...read.items.map(({ topic }) => topic))
    next = read.next
  } while (next !== undefined)
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
})

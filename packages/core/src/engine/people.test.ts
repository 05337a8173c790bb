import fc from 'fast-check'
import { expect, test } from 'vitest'
import { People } from './people.js'

test('totals equal a plain count after any sequence of changes and removed replicas', () => {
  const step = fc.record({
    replica: fc.constantFrom('r1', 'r2', 'r3'),
    key: fc.constantFrom('ada', 'bob', 'eve'),
    group: fc.option(fc.nat(2)),
    remove: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const people = new People()
      const totals = [0, 0, 0]
      const rows = new Map<string, number>()
      for (const { replica, key, group, remove } of steps) {
        if (remove) {
          people.remove(replica, totals)
          for (const row of [...rows.keys()]) if (row.startsWith(replica)) rows.delete(row)
        } else {
          people.set(replica, { key, group }, totals)
          if (group === null) rows.delete(`${replica} ${key}`)
          else rows.set(`${replica} ${key}`, group)
        }
        const expected = [0, 0, 0]
        for (const name of ['ada', 'bob', 'eve']) {
          const groups = [...rows].flatMap(([row, g]) => (row.endsWith(name) ? [g] : []))
          if (groups.length > 0) expected[Math.min(...groups)]! += 1
        }
        expect(totals).toEqual(expected)
      }
    }),
  )
})

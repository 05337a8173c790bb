import { People } from '@headcount/core'
import { expect, test } from 'vitest'
import { peopleCases } from './people-cases.js'

test.each(Object.entries(peopleCases))('in core, %s', (_title, steps) => {
  const people = new People()
  const totals = [0, 0]
  for (const [replica, change, expected] of steps) {
    if (change === 'is removed') people.remove(replica, totals)
    else for (const [key, group] of Object.entries(change)) people.set(replica, { key, group }, totals)
    expect(totals).toEqual(expected)
  }
})

import { expect, it } from 'vitest'
import { shareOf, sizeOf, split } from './crowd.js'

it('splits a crowd into whole people, and loses nobody', () => {
  for (let size = 0; size <= 500; size += 7)
    for (let share = 0; share <= 100; share += 5) {
      const people = split(size, share)
      expect(sizeOf(people)).toBe(size)
      expect(people.users).toBeGreaterThanOrEqual(0)
      expect(people.viewers).toBeGreaterThanOrEqual(0)
      expect(Number.isInteger(people.users)).toBe(true)
    }
})

it('reads the share back from a crowd, and keeps the last one for an empty crowd', () => {
  expect(shareOf(split(200, 35), 25)).toBe(35)
  expect(shareOf({ users: 0, viewers: 0 }, 25)).toBe(25)
})

import { expect, test } from 'vitest'
import { TimeBudget } from './time-budget.js'

test('a busy broadcaster uses no more than its share of time', () => {
  const budget = new TimeBudget(0.25)
  let now = 0
  let spent = 0
  while (now < 100_000) {
    now += budget.wait(now)
    budget.spend(now, now + 10)
    now += 10
    spent += 10
  }
  expect(spent / now).toBeGreaterThan(0.24)
  expect(spent / now).toBeLessThan(0.26)
})

test('small pieces of work need no wait', () => {
  const budget = new TimeBudget(0.5)
  for (let now = 0; now < 1000; now += 100) {
    expect(budget.wait(now)).toBe(0)
    budget.spend(now, now + 20)
  }
})

test('unused time does not accumulate', () => {
  const budget = new TimeBudget(0.5)
  budget.spend(1_000_000, 1_000_100)
  expect(budget.wait(1_000_100)).toBe(50)
})

test('a pause of the process is not counted as work', () => {
  const budget = new TimeBudget(0.5)
  budget.spend(1_000, 61_000)
  expect(budget.wait(61_000)).toBeLessThanOrEqual(250)
})

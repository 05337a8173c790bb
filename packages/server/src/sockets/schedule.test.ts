import { expect, test } from 'vitest'
import { Schedule } from './schedule.js'

/** Ends a second. Returns what is visited in it. */
function endSecond(schedule: Schedule<string>) {
  const { active, due } = schedule.endSecond()
  return { active: [...active], due: [...due] }
}

const nothing = { active: [], due: [] }

test('an item is due in its second alone, and not where it was moved or removed before', () => {
  const schedule = new Schedule<string>()
  const moved = schedule.add('moved', 1)
  const removed = schedule.add('removed', 2)
  schedule.add('stays', 2)
  schedule.move('moved', moved, 3)
  schedule.remove('removed', removed)
  schedule.remove('removed', removed)
  expect({ size: schedule.size, items: [...schedule] }).toEqual({ size: 2, items: ['stays', 'moved'] })
  expect(endSecond(schedule)).toEqual(nothing)
  expect(endSecond(schedule)).toEqual({ active: [], due: ['stays'] })
  expect(endSecond(schedule)).toEqual({ active: [], due: ['moved'] })
  expect(schedule.second).toBe(3)
})

test('an active item is visited at the end of the present second alone', () => {
  const schedule = new Schedule<string>()
  schedule.add('ada', 2)
  schedule.activate('ada')
  expect(endSecond(schedule)).toEqual({ active: ['ada'], due: [] })
  expect(endSecond(schedule)).toEqual({ active: [], due: ['ada'] })
})

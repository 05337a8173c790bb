import { expect, test } from 'vitest'
import { defaultLimits } from './limits.js'
import { Schedule } from './schedule.js'

/** Ends a second. Returns the visited items. */
function endSecond(schedule: Schedule<string>) {
  const { activities, due } = schedule.endSecond()
  return { active: [...activities].map(([item]) => item), due: [...due] }
}

const nothing = { active: [], due: [] }

test('an item is due only in its second, and not if it was moved or removed before', () => {
  const schedule = new Schedule<string>(defaultLimits)
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

test('an item that is removed keeps no activity', () => {
  const schedule = new Schedule<string>(defaultLimits)
  const set = schedule.add('ada', 1)
  schedule.activityOf('ada')
  schedule.remove('ada', set)
  expect(endSecond(schedule)).toEqual(nothing)
})

test('an activity belongs to the current second, unless it is carried over', () => {
  const schedule = new Schedule<string>(defaultLimits)
  const activity = schedule.activityOf('ada')
  expect(schedule.activityOf('ada')).toBe(activity)
  expect(endSecond(schedule)).toEqual({ active: ['ada'], due: [] })
  schedule.keep('ada', activity)
  expect(schedule.activityOf('ada')).toBe(activity)
  expect(endSecond(schedule)).toEqual({ active: ['ada'], due: [] })
  expect(endSecond(schedule)).toEqual(nothing)
  expect(schedule.activityOf('ada')).not.toBe(activity)
})

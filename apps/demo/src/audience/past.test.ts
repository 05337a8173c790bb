import { expect, test } from 'vitest'
import { type Past, samplesOf } from './past.js'

const minute = 60_000
const point = (minutes: number, users: number | null, viewers: number | null): Past['points'][number] => ({
  ...{ at: minutes * minute, known: users === null ? 0 : minute },
  groups: { users: { average: users }, viewers: { average: viewers } },
})

test('a minute without data is a gap, and nothing is drawn before the first one with data', () => {
  const points = [point(1, null, null), point(2, 1, 2.5), point(3, null, null), point(4, 0, 3)]
  expect(samplesOf({ wholeFrom: 4 * minute, points }, 0)).toEqual([
    { at: 2 * minute, counts: { users: 1, viewers: 3 } },
    { at: 3 * minute, counts: null },
    { at: 4 * minute, counts: { users: 0, viewers: 3 } },
  ])
})

test('the history may begin within a minute, by the clock of the page', () => {
  const points = [point(1, 1, 0), point(2, 2, 0)]
  const wholeFrom = 1.5 * minute
  expect(samplesOf({ wholeFrom, points }, 500).map(({ at }) => at)).toEqual([wholeFrom + 500, 2 * minute + 500])
})

test('a history without data is empty', () => {
  expect(samplesOf({ wholeFrom: null, points: [point(1, null, null)] }, 0)).toEqual([])
})

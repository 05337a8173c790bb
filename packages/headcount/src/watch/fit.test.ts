import { expect, test } from 'vitest'
import { cut, fit, widthOf } from './fit.js'

test.each([
  ['video:1', 7],
  ['視頻', 4],
  ['서울', 4],
  ['👀', 2],
  ['e\u0301', 1],
  ['Я', 1],
])('%s takes %i columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns)
})

test('a text is cut to columns, never inside a character, and padded', () => {
  expect([cut('video:1', 7), cut('video:1', 6), cut('video:1', 1), cut('video:1', 0)]).toEqual([
    'video:1',
    'video…',
    '…',
    '',
  ])
  expect([fit('視頻視頻', 6), fit('視頻視頻', 5), fit('👀', 4), fit('a👀👀', 4)]).toEqual([
    '視頻… ',
    '視頻…',
    '👀  ',
    'a👀…',
  ])
})

import { toCounts } from '@headcount/protocol'
import { expect, test } from 'vitest'
import { countsText, createBoard, sparkline } from './board.js'

const counts = (users: number, viewers: number) => toCounts(['users', 'viewers'], [users, viewers])

test('each topic has a row with its counts, and one bar for each sample', () => {
  const board = createBoard(['video:1', 'lobby'])
  board.show({ topic: 'video:1', counts: counts(1, 3) })
  board.sample()
  board.show({ topic: 'video:1', counts: counts(2, 6) })
  board.sample()
  expect(board.lines(60)).toEqual(['video:1  2 users, 6 viewers  ▅█', 'lobby    …                     '])
})

test('a count of one has the singular; a group with a custom name keeps its name', () => {
  expect(countsText(toCounts(['users', 'viewers'], [1, 1]))).toBe('1 user, 1 viewer')
  expect(countsText(toCounts(['users', 'viewers', 'staff'], [0, 2, 1]))).toBe('0 users, 2 viewers, 1 staff')
})

test('a hidden count is shown as "fewer than" its bound', () => {
  expect(countsText(toCounts(['users', 'viewers'], [0, 10], 5))).toBe('fewer than 5 users, 10 viewers')
})

test('a table is never wider than the terminal, and shows the last samples', () => {
  const board = createBoard(['video:1'])
  for (let people = 0; people < 1_000; people++) {
    board.show({ topic: 'video:1', counts: counts(0, people) })
    board.sample()
  }
  for (const columns of [5, 20, 40, 80, 400]) {
    expect(board.lines(columns).every((line) => line.length <= columns)).toBe(true)
  }
  expect(board.lines(40)[0]).toMatch(/^video:1 {2}0 users, 999 viewers {2}█+$/)
})

test('a name that is too long is cut, not its counts, and columns are aligned in any script', () => {
  const board = createBoard([`video:${'1'.repeat(40)}`, `video:${'長'.repeat(20)}`, '👀'])
  for (const topic of [`video:${'1'.repeat(40)}`, '👀']) board.show({ topic, counts: counts(1, 30) })
  board.show({ topic: `video:${'長'.repeat(20)}`, counts: counts(12, 340) })
  expect(board.lines(34)).toEqual([
    'video:1111…  1 user, 30 viewers   ',
    'video:長長…  12 users, 340 viewers',
    '👀           1 user, 30 viewers   ',
  ])
  expect(board.lines(20)[0]).toBe('video:1…  1 user, 3…')
  board.sample()
  expect(board.lines(50)[1]).toBe('video:長長長長…  12 users, 340 viewers  █')
})

test('counts of a topic that is not in the table are ignored', () => {
  const board = createBoard(['lobby'])
  board.show({ topic: 'other', counts: counts(1, 1) })
  expect(board.lines(40)).toEqual(['lobby  …  '])
})

test('a line has a gap while the counts are unknown', () => {
  const board = createBoard(['a', 'b'])
  const sample = (show: (topic: string) => void) => {
    for (const topic of ['a', 'b']) show(topic)
    board.sample()
  }
  const show = (topic: string) => board.show({ topic, counts: counts(0, 1) })
  board.sample()
  sample(show)
  board.lose()
  board.sample()
  sample(show)
  board.lose('b')
  board.sample()
  expect(board.lines(60)).toEqual(['a  0 users, 1 viewer   █ ██', 'b  0 users, 1 viewer   █ █ '])
})

test('names of groups and topics cannot control the terminal', () => {
  expect(countsText({ '\x1b[2J': { count: 1 } })).toBe('1 \\u001b[2J')
  expect(createBoard(['\x9b31m']).lines(40)).toEqual(['\\u009b31m  …  '])
})

test('bars reach from zero to the largest value', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█')
  expect(sparkline([0, 0])).toBe('▁▁')
  expect(sparkline([])).toBe('')
})

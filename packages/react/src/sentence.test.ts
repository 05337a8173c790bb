import type { TopicSnapshot, TopicStatus } from '@headcount/client'
import { expect, test } from 'vitest'
import { english, type Labels } from './labels.js'
import { announcement, type Style, sentence, textOf } from './sentence.js'

const style: Style = { labels: english, locale: 'en', compact: false }
const shot = (users: number, viewers: number, status: TopicStatus = 'live'): TopicSnapshot => ({
  counts: { users: { count: users }, viewers: { count: viewers } },
  status,
})
const seen = (snapshot: TopicSnapshot, given: Partial<Style> = {}) => textOf(sentence(snapshot, { ...style, ...given }))
const heard = (snapshot: TopicSnapshot, given: Partial<Style> = {}) => announcement(snapshot, { ...style, ...given })

test.each([
  [12, 340, '12 users, 340 viewers'],
  [1, 1, '1 user, 1 viewer'],
  [0, 1, '1 viewer'],
  [2, 0, '2 users'],
  [0, 0, 'Nobody here'],
  [1_234, 56_789, '1,234 users, 56,789 viewers'],
])('%i users and %i viewers are "%s"', (users, viewers, text) => {
  expect(seen(shot(users, viewers))).toBe(text)
  expect(heard(shot(users, viewers))).toBe(text)
})

test('compact numbers are seen, whole ones are heard', () => {
  expect(seen(shot(0, 1_234), { compact: true })).toBe('1.2K viewers')
  expect(heard(shot(0, 1_234), { compact: true })).toBe('1,234 viewers')
})

test('while nothing is known there is nothing to hear', () => {
  expect(seen(shot(0, 0, 'connecting'))).toBe('…')
  expect(heard(shot(0, 0, 'connecting'))).toBe('')
})

test('counts given for the start are shown while connecting', () => {
  expect(seen(shot(0, 9, 'connecting'))).toBe('9 viewers')
  expect(heard(shot(0, 9, 'connecting'))).toBe('9 viewers')
})

test('stale counts are seen as they were, and heard as what they are', () => {
  expect(seen(shot(1, 9, 'stale'))).toBe('1 user, 9 viewers')
  expect(heard(shot(1, 9, 'stale'))).toBe('1 user, 9 viewers (reconnecting)')
})

test('a refused topic has no counts to show', () => {
  expect(seen(shot(1, 9, 'refused'))).toBe('Count unavailable')
  expect(heard(shot(1, 9, 'refused'))).toBe('Count unavailable')
})

test('another language has its own plurals, numbers and commas', () => {
  const polish: Labels = {
    ...english,
    groups: {
      users: { one: '# użytkownik', few: '# użytkownicy', other: '# użytkowników' },
      viewers: { one: '# widz', few: '# widzów', other: 'widzów: #' },
    },
  }
  const text = seen(shot(2, 12_345), { labels: polish, locale: 'pl' })
  expect(text.replace(/\s/g, ' ')).toBe('2 użytkownicy i widzów: 12 345')
})

test('a group without words goes by its name', () => {
  const snapshot = { ...shot(1, 0), counts: { ...shot(1, 0).counts, bots: { count: 3 } } }
  expect(seen(snapshot)).toBe('1 user, 3 bots')
})

test('each phrase says where its number is', () => {
  expect(sentence(shot(1, 2), style)).toEqual([
    { group: 'users', before: '', number: '1', after: ' user', text: '1 user' },
    ', ',
    { group: 'viewers', before: '', number: '2', after: ' viewers', text: '2 viewers' },
  ])
})

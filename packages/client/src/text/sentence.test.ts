import type { Counts } from '@headcount/protocol'
import { expect, test } from 'vitest'
import type { TopicStatus } from '../status.js'
import type { TopicSnapshot } from '../store.js'
import { english, type Labels } from './labels.js'
import { announcement, type Style, sentence, textOf } from './sentence.js'

const style: Style = { labels: english, locale: 'en', compact: false }
const snapshot = (users: number, viewers: number, status: TopicStatus = 'live'): TopicSnapshot => ({
  counts: { users: { count: users }, viewers: { count: viewers } },
  status,
})
const visible = (of: TopicSnapshot, options: Partial<Style> = {}) => textOf(sentence(of, { ...style, ...options }))
const announced = (of: TopicSnapshot, options: Partial<Style> = {}) => announcement(of, { ...style, ...options })

test.each([
  [12, 340, '12 users, 340 viewers'],
  [1, 1, '1 user, 1 viewer'],
  [0, 1, '1 viewer'],
  [2, 0, '2 users'],
  [0, 0, 'Nobody here'],
  [1_234, 56_789, '1,234 users, 56,789 viewers'],
])('%i users and %i viewers are shown as "%s"', (users, viewers, text) => {
  expect(visible(snapshot(users, viewers))).toBe(text)
  expect(announced(snapshot(users, viewers))).toBe(text)
})

test.each([
  [5, 0, 'fewer than 5 users, 340 viewers'],
  [2, 12, '12 users, 340 viewers'],
])('a hidden count below %i is "fewer than" it', (below, users, text) => {
  const counts = { users: users > 0 ? { count: users } : { count: 0, below }, viewers: { count: 340 } }
  expect(visible({ counts, status: 'live' })).toBe(text)
  expect(announced({ counts, status: 'live' })).toBe(text)
})

test('if all counts are hidden, the topic is not called empty', () => {
  const below = { count: 0, below: 5 }
  expect(visible({ counts: { users: below, viewers: below }, status: 'live' })).toBe(
    'fewer than 5 users, fewer than 5 viewers',
  )
})

test('numbers are shortened on request, but not in announcements', () => {
  expect(visible(snapshot(0, 1_234), { compact: true })).toBe('1.2K viewers')
  expect(announced(snapshot(0, 1_234), { compact: true })).toBe('1,234 viewers')
})

test('before the first counts there is no announcement', () => {
  expect(visible(snapshot(0, 0, 'connecting'))).toBe('…')
  expect(announced(snapshot(0, 0, 'connecting'))).toBe('')
})

test('initial counts are shown while connecting', () => {
  expect(visible(snapshot(0, 9, 'connecting'))).toBe('9 viewers')
  expect(announced(snapshot(0, 9, 'connecting'))).toBe('9 viewers')
})

test('stale counts are shown unchanged, and announced as stale', () => {
  expect(visible(snapshot(1, 9, 'stale'))).toBe('1 user, 9 viewers')
  expect(announced(snapshot(1, 9, 'stale'))).toBe('1 user, 9 viewers (reconnecting)')
})

test('a refused topic shows no counts', () => {
  expect(visible(snapshot(1, 9, 'refused'))).toBe('Count unavailable')
  expect(announced(snapshot(1, 9, 'refused'))).toBe('Count unavailable')
})

test('plurals, numbers and separators follow the locale', () => {
  const polish: Labels = {
    ...english,
    groups: {
      users: { one: '# użytkownik', few: '# użytkownicy', other: '# użytkowników' },
      viewers: { one: '# widz', few: '# widzów', other: 'widzów: #' },
    },
  }
  const text = visible(snapshot(2, 12_345), { labels: polish, locale: 'pl' })
  expect(text.replace(/\s/g, ' ')).toBe('2 użytkownicy i widzów: 12 345')
})

test('a form without # has no number', () => {
  const one = { one: 'one viewer', other: '# viewers' }
  const labels: Labels = { ...english, groups: { ...english.groups, viewers: one } }
  expect(visible(snapshot(1, 1), { labels })).toBe('1 user, one viewer')
  expect(announced(snapshot(0, 1), { labels })).toBe('one viewer')
  const counts = { users: { count: 0 }, viewers: { count: 0, below: 1 } }
  expect(visible({ counts, status: 'live' }, { labels })).toContain('fewer than 1')
})

test.each([
  [999, false, '999 зрителей'],
  [1_001, false, '1 001 зритель'],
  [1_001, true, '1 тыс. зрителей'],
  [1_003, true, '1 тыс. зрителей'],
  [21_002, true, '21 тыс. зрителей'],
  [921, true, '921 зритель'],
])('the plural of %i, shortened: %s, is that of the number shown', (viewers, compact, text) => {
  const forms = { one: '# зритель', few: '# зрителя', other: '# зрителей' }
  const labels: Labels = { ...english, groups: { viewers: forms } }
  expect(visible(snapshot(0, viewers), { labels, locale: 'ru', compact }).replace(/\s/g, ' ')).toBe(text)
})

test('a group without labels uses its name', () => {
  const { counts, status } = snapshot(1, 0)
  expect(visible({ counts: { ...counts, bots: { count: 3 } } as Counts, status })).toBe('1 user, 3 bots')
})

test('each phrase separates its number from the text around it', () => {
  expect(sentence(snapshot(1, 2), style)).toEqual([
    { group: 'users', before: '', number: '1', after: ' user', text: '1 user' },
    ', ',
    { group: 'viewers', before: '', number: '2', after: ' viewers', text: '2 viewers' },
  ])
})

test('a language with an invalid tag is the nearest one, or English', () => {
  expect(visible(snapshot(1, 2_345), { locale: 'de_DE' })).toBe('1 user, 2.345 viewers')
  expect(visible(snapshot(1, 2_345), { locale: 'C' })).toBe('1 user, 2,345 viewers')
})

import { expect, test } from 'vitest'
import { HeadcountError } from '../runtime/errors.js'
import { type TopicRuleOption, topicRules } from './topic-rules.js'

const defaults = { unit: 'connections', settle: 0 } as const
const match = (given: readonly TopicRuleOption[], topic: string, maxBytes?: number) =>
  topicRules(given, defaults, maxBytes).match(topic)?.pattern

/** The message of the error that the rules throw. */
function refused(given: readonly unknown[]): string {
  try {
    topicRules(given as TopicRuleOption[], defaults)
  } catch (error) {
    expect(error).toBeInstanceOf(HeadcountError)
    expect((error as HeadcountError).code).toBe('bad_option')
    return (error as HeadcountError).message
  }
  throw new Error('the rules were accepted')
}

test('a pattern is a full name, or a prefix and a star', () => {
  expect(match(['lobby'], 'lobby')).toBe('lobby')
  expect(match(['lobby'], 'lobby:1')).toBeUndefined()
  expect(match(['lobby'], 'lobb')).toBeUndefined()
  expect(match(['video:*'], 'video:42')).toBe('video:*')
  expect(match(['video:*'], 'video:')).toBe('video:*')
  expect(match(['video:*'], 'video')).toBeUndefined()
  expect(match(['*'], 'anything at all')).toBe('*')
  expect(match([], 'lobby')).toBeUndefined()
})

test('the first pattern that matches wins, whether it is a name or a prefix', () => {
  expect(match(['video:*', 'video:42'], 'video:42')).toBe('video:*')
  expect(match(['video:42', 'video:*'], 'video:42')).toBe('video:42')
  expect(match(['v*', 'video:*', 'video:42'], 'video:42')).toBe('v*')
  expect(match(['room:*', 'video:42', '*'], 'video:42')).toBe('video:42')
  expect(match(['room:*', 'video:42', '*'], 'video:43')).toBe('*')
  const twice = topicRules([{ pattern: 'a', access: 'users' }, 'a'], defaults)
  expect(twice.match('a')?.access).toBe('users')
})

test('names of object properties are ordinary topics', () => {
  expect(match(['lobby'], '__proto__')).toBeUndefined()
  expect(match(['lobby'], 'constructor')).toBeUndefined()
  expect(match(['constructor'], 'constructor')).toBe('constructor')
})

test('no pattern allows an empty name, one over the limit, or phoenix', () => {
  expect(match(['*'], '')).toBeUndefined()
  expect(match(['*'], 'phoenix')).toBeUndefined()
  expect(match(['*'], 'phoenix:1')).toBe('*')
  expect(match(['*'], 'a'.repeat(255))).toBe('*')
  expect(match(['*'], 'a'.repeat(256))).toBeUndefined()
  expect(match(['*'], 'abcd', 4)).toBe('*')
  expect(match(['*'], 'abcde', 4)).toBeUndefined()
})

test('the limit is in bytes of UTF-8, not in characters', () => {
  expect(match(['*'], 'é'.repeat(127))).toBe('*')
  expect(match(['*'], 'é'.repeat(128))).toBeUndefined()
  expect(match(['*'], '漢'.repeat(85))).toBe('*')
  expect(match(['*'], '漢'.repeat(86))).toBeUndefined()
  expect(match(['*'], '😀'.repeat(63))).toBe('*')
  expect(match(['*'], '😀'.repeat(64))).toBeUndefined()
})

test('a pattern takes the defaults for missing keys', () => {
  const { rules } = topicRules(
    ['a', { pattern: 'b', settle: 0 }, { pattern: 'c', unit: 'connections' }, { pattern: 'd', access: 'users' }],
    { unit: 'people', settle: 3000 },
  )
  expect(rules).toEqual([
    { pattern: 'a', unit: 'people', settle: 3000, access: 'everyone' },
    { pattern: 'b', unit: 'people', settle: 0, access: 'everyone' },
    { pattern: 'c', unit: 'connections', settle: 3000, access: 'everyone' },
    { pattern: 'd', unit: 'people', settle: 3000, access: 'users' },
  ])
})

test.each([
  ['a*b', /"a\*b": expected the name of a topic.*got a "\*" before the end/],
  ['**', /got a "\*" before the end/],
  ['', /expected the name of a topic.*got ""/],
  [undefined, /got undefined/],
  ['phoenix', /the topic that Phoenix reserves/],
  [{ pattern: 'a', unit: 'tabs' }, /pattern "a": expected a unit of "connections" or "people", got "tabs"/],
  [{ pattern: 'a', access: 'nobody' }, /expected an access of "everyone" or "users", got "nobody"/],
  [{ pattern: 'a', settle: -1 }, /expected a settle time of 0 to 600000 ms, got -1/],
  [{ pattern: 'a', settle: 0.5 }, /got 0.5/],
  [{ pattern: 'a', settle: Number.NaN }, /expected a settle time of 0 to 600000 ms, got NaN/],
  [{ pattern: 'a', settle: '5' }, /got "5"/],
  [{ pattern: 'a', acess: 'users' }, /expected only pattern, unit, settle, access; did you mean access\?, got "acess"/],
])('%j is refused', (given, message) => {
  expect(refused([typeof given === 'object' ? given : { pattern: given }])).toMatch(message)
})

test('a name that has no UTF-8 form is not a topic, because Redis would store another name', () => {
  expect(match(['*'], 't\ud800')).toBeUndefined()
  expect(match(['*'], '\udc00t')).toBeUndefined()
  expect(match(['*'], 't\u{1f600}')).toBeDefined()
})

import { expect, test } from 'vitest'
import { HeadcountError } from '../runtime/errors.js'
import { type TopicRuleOption, topicRules } from './topic-rules.js'

const connections = { unit: 'connections', grace: 0 } as const
const match = (given: readonly TopicRuleOption[], topic: string, maxBytes?: number) =>
  topicRules(given, connections, maxBytes).match(topic)?.pattern

/** The message with which the rules are refused. */
function refused(given: readonly unknown[], defaults: Parameters<typeof topicRules>[1] = connections): string {
  try {
    topicRules(given as TopicRuleOption[], defaults)
  } catch (error) {
    expect(error).toBeInstanceOf(HeadcountError)
    expect((error as HeadcountError).code).toBe('bad_option')
    return (error as HeadcountError).message
  }
  throw new Error('expected the rules to be refused, got none')
}

test('a pattern is a whole name, or the start of names and a star', () => {
  expect(match(['lobby'], 'lobby')).toBe('lobby')
  expect(match(['lobby'], 'lobby:1')).toBeUndefined()
  expect(match(['lobby'], 'lobb')).toBeUndefined()
  expect(match(['video:*'], 'video:42')).toBe('video:*')
  expect(match(['video:*'], 'video:')).toBe('video:*')
  expect(match(['video:*'], 'video')).toBeUndefined()
  expect(match(['*'], 'anything at all')).toBe('*')
  expect(match([], 'lobby')).toBeUndefined()
})

test('the first pattern that fits wins, whether it is whole or a start', () => {
  expect(match(['video:*', 'video:42'], 'video:42')).toBe('video:*')
  expect(match(['video:42', 'video:*'], 'video:42')).toBe('video:42')
  expect(match(['v*', 'video:*', 'video:42'], 'video:42')).toBe('v*')
  expect(match(['room:*', 'video:42', '*'], 'video:42')).toBe('video:42')
  expect(match(['room:*', 'video:42', '*'], 'video:43')).toBe('*')
  const twice = topicRules([{ pattern: 'a', access: 'users' }, 'a'], connections)
  expect(twice.match('a')?.access).toBe('users')
})

test('names that objects have are names like others', () => {
  expect(match(['lobby'], '__proto__')).toBeUndefined()
  expect(match(['lobby'], 'constructor')).toBeUndefined()
  expect(match(['constructor'], 'constructor')).toBe('constructor')
})

test('nothing allows an empty name, a longer one than the limit, or phoenix', () => {
  expect(match(['*'], '')).toBeUndefined()
  expect(match(['*'], 'phoenix')).toBeUndefined()
  expect(match(['*'], 'phoenix:1')).toBe('*')
  expect(match(['*'], 'a'.repeat(255))).toBe('*')
  expect(match(['*'], 'a'.repeat(256))).toBeUndefined()
  expect(match(['*'], 'abcd', 4)).toBe('*')
  expect(match(['*'], 'abcde', 4)).toBeUndefined()
})

test('the limit is in bytes of UTF-8, not in letters', () => {
  expect(match(['*'], 'é'.repeat(127))).toBe('*')
  expect(match(['*'], 'é'.repeat(128))).toBeUndefined()
  expect(match(['*'], '漢'.repeat(85))).toBe('*')
  expect(match(['*'], '漢'.repeat(86))).toBeUndefined()
  expect(match(['*'], '😀'.repeat(63))).toBe('*')
  expect(match(['*'], '😀'.repeat(64))).toBeUndefined()
})

test('a pattern takes the defaults for what it does not say', () => {
  const { rules } = topicRules(
    ['a', { pattern: 'b', grace: 0 }, { pattern: 'c', unit: 'connections' }, { pattern: 'd', access: 'users' }],
    { unit: 'people', grace: 3000 },
  )
  expect(rules).toEqual([
    { pattern: 'a', unit: 'people', grace: 3000, access: 'everyone' },
    { pattern: 'b', unit: 'people', grace: 0, access: 'everyone' },
    { pattern: 'c', unit: 'connections', grace: 0, access: 'everyone' },
    { pattern: 'd', unit: 'people', grace: 3000, access: 'users' },
  ])
})

test('grace where connections are counted is refused, with the reason', () => {
  const expected = /pattern "a": expected unit "people" beside a grace of 5 ms, got "connections": only a person/
  expect(refused([{ pattern: 'a', grace: 5 }])).toMatch(expected)
  expect(refused([{ pattern: 'a', unit: 'connections', grace: 5 }], { unit: 'people', grace: 0 })).toMatch(expected)
  expect(refused(['a'], { unit: 'connections', grace: 5 })).toMatch(expected)
})

test.each([
  ['a*b', /"a\*b": expected a topic's name.*got a "\*" before the end/],
  ['**', /got a "\*" before the end/],
  ['', /expected a topic's name.*got ""/],
  [undefined, /got undefined/],
  ['phoenix', /the topic that Phoenix keeps for itself/],
  [{ pattern: 'a', unit: 'tabs' }, /pattern "a": expected a unit of "connections" or "people", got "tabs"/],
  [{ pattern: 'a', access: 'nobody' }, /expected an access of "everyone" or "users", got "nobody"/],
  [{ pattern: 'a', unit: 'people', grace: -1 }, /expected a grace of 0 to 86400000 ms, got -1/],
  [{ pattern: 'a', unit: 'people', grace: 0.5 }, /got 0.5/],
  [{ pattern: 'a', unit: 'people', grace: Number.NaN }, /expected a grace of 0 to 86400000 ms, got NaN/],
  [{ pattern: 'a', unit: 'people', grace: '5' }, /got "5"/],
])('%j is no rule', (given, message) => {
  expect(refused([typeof given === 'object' ? given : { pattern: given }])).toMatch(message)
})

test('a name that UTF-8 cannot carry is no topic: over Redis it would be another', () => {
  expect(match(['*'], 't\ud800')).toBeUndefined()
  expect(match(['*'], '\udc00t')).toBeUndefined()
  expect(match(['*'], 't\u{1f600}')).toBeDefined()
})

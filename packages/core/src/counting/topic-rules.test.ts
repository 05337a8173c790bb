import { expect, test } from 'vitest'
import { type TopicRuleOption, topicRules } from './topic-rules.js'

const plain = { shield: 0, history: 'none' } as const
const defaults = { unit: 'connections', settle: 0 } as const

test.each<[patterns: string[], matches: Record<string, string | undefined>]>([
  // A full name, or a prefix and a star.
  [['lobby'], { lobby: 'lobby', 'lobby:1': undefined, lobb: undefined }],
  [['video:*'], { 'video:42': 'video:*', 'video:': 'video:*', video: undefined }],
  [['*'], { 'anything at all': '*', 'phoenix:1': '*', phoenix: undefined, '': undefined }],
  [[], { lobby: undefined }],
  // The first that matches wins.
  [['video:*', 'video:42'], { 'video:42': 'video:*' }],
  [['video:42', 'video:*'], { 'video:42': 'video:42' }],
  [['v*', 'video:*', 'video:42'], { 'video:42': 'v*' }],
  [['room:*', 'video:42', '*'], { 'video:42': 'video:42', 'video:43': '*' }],
  // Names of object properties are ordinary.
  [['lobby'], { ['__proto__']: undefined, constructor: undefined }],
  [['constructor'], { constructor: 'constructor' }],
  // At most 255 bytes of UTF-8. A lone surrogate has no UTF-8 form: Redis would store another name.
  [['*'], { ['a'.repeat(255)]: '*', ['a'.repeat(256)]: undefined }],
  [['*'], { ['é'.repeat(127)]: '*', ['é'.repeat(128)]: undefined }],
  [['*'], { ['漢'.repeat(85)]: '*', ['漢'.repeat(86)]: undefined }],
  [['*'], { ['😀'.repeat(63)]: '*', ['😀'.repeat(64)]: undefined }],
  [['*'], { 't\ud800': undefined, '\udc00t': undefined, 't\u{1f600}': '*' }],
])('%j matches %j', (patterns, matches) => {
  const rules = topicRules(patterns, defaults)
  for (const [topic, pattern] of Object.entries(matches)) expect(rules.match(topic)?.pattern, topic).toBe(pattern)
})

test('the limit of bytes can be set, and the first of two rules with one pattern wins', () => {
  const rules = topicRules([{ pattern: 'abcd', access: 'users' }, 'abcd', 'abcde'], defaults, 4)
  expect(rules.match('abcd')?.access).toBe('users')
  expect(rules.match('abcde')).toBeUndefined()
})

test('missing keys of a pattern have their defaults', () => {
  const { rules } = topicRules(
    [
      'a',
      { pattern: 'b', settle: 0 },
      { pattern: 'c', unit: 'connections' },
      { pattern: 'd', access: 'users', badge: true },
    ],
    { unit: 'people', settle: 3000 },
  )
  expect(rules).toEqual([
    { pattern: 'a', unit: 'people', settle: 3000, access: 'everyone', badge: false, alsoIn: [], ...plain },
    { pattern: 'b', unit: 'people', settle: 0, access: 'everyone', badge: false, alsoIn: [], ...plain },
    { pattern: 'c', unit: 'connections', settle: 3000, access: 'everyone', badge: false, alsoIn: [], ...plain },
    { pattern: 'd', unit: 'people', settle: 3000, access: 'users', badge: true, alsoIn: [], ...plain },
  ])
})

test('with a shield, a default history is for operators only', () => {
  const { rules } = topicRules(['a', { pattern: 'b', shield: 5 }], { ...defaults, history: 'readers' })
  expect(rules.map(({ history }) => history)).toEqual(['readers', 'operators'])
})

test.each([
  ['a*b', /"a\*b": expected the name of a topic.*got a "\*" before the end/],
  ['**', /got a "\*" before the end/],
  ['', /expected the name of a topic.*got ""/],
  [undefined, /got undefined/],
  ['phoenix', /the topic that Phoenix reserves/],
  [{ pattern: 'a', unit: 'tabs' }, /pattern "a": expected a unit of "connections" or "people", got "tabs"/],
  [{ pattern: 'a', access: 'admins' }, /expected an access of "everyone", "users" or "token", got "admins"/],
  [{ pattern: 'a', badge: 'yes' }, /expected a badge of true or false, got "yes"/],
  [{ pattern: 'a', settle: -1 }, /expected a settle time of 0 to 600000 ms, got -1/],
  [{ pattern: 'a', settle: 0.5 }, /got 0.5/],
  [{ pattern: 'a', settle: Number.NaN }, /expected a settle time of 0 to 600000 ms, got NaN/],
  [{ pattern: 'a', settle: '5' }, /got "5"/],
  [{ pattern: 'a', shield: 1 }, /pattern "a": expected a shield of 0, or of 2 to 10000, got 1/],
  [{ pattern: 'a', shield: 2.5 }, /got 2.5/],
  [{ pattern: 'a', history: 'public' }, /"a": expected a history of "none", "operators" or "readers", got "public"/],
  [
    { pattern: 'a', shield: 5, history: 'readers' },
    /expected a history of "none" or "operators" beside a shield, .*got/,
  ],
  [
    { pattern: 'a', acess: 'users' },
    /expected only pattern, unit, settle, access, badge, alsoIn, shield, history, got "acess"; did you mean access\?$/,
  ],
  [{ patern: 'a' }, /topic pattern: expected only pattern, .*, got "patern"; did you mean pattern\?$/],
])('%j is refused', (given, message) => {
  const rule = (typeof given === 'object' ? given : { pattern: given }) as TopicRuleOption
  expect(() => topicRules([rule], defaults)).toThrow(expect.objectContaining({ code: 'bad_option' }))
  expect(() => topicRules([rule], defaults)).toThrow(message)
})

test('unknown keys of all rules are named, one line each', () => {
  const rules = [{ pattern: 'a', acess: 'users', unti: 'people' }, 'b', { patern: 'c' }] as TopicRuleOption[]
  const line = (pattern: string, key: string) =>
    `topic pattern${pattern}: expected only .*, got "${key}"; did you mean .*`
  const lines = [line(' "a"', 'acess'), line(' "a"', 'unti'), line('', 'patern')]
  expect(() => topicRules(rules, defaults)).toThrow(RegExp(`^${lines.join('\n')}$`))
})

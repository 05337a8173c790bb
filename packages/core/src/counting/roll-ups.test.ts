import { expect, test } from 'vitest'
import { personKeys } from './person-keys.js'
import { type Identity, presenceOf } from './presence.js'
import { type TopicRuleOption, topicRules } from './topic-rules.js'

const defaults = { unit: 'connections', settle: 0 } as const
const keys = personKeys('secret')
const viewer: Identity = { userId: null, clientId: null, connectionId: () => 'socket 1' }

test.each<[title: string, rules: TopicRuleOption[], message: RegExp]>([
  [
    'a topic that no pattern allows',
    [{ pattern: 'video:*', alsoIn: ['site'] }],
    /"video:\*": expected alsoIn to name topics that a pattern allows, got "site", which none does/,
  ],
  [
    'a topic of the same pattern',
    [{ pattern: '*', alsoIn: ['site'] }, 'site'],
    /"\*": expected alsoIn to name topics of other patterns, got "site", which it matches itself/,
  ],
  [
    'a chain',
    [{ pattern: 'video:*', alsoIn: ['site'] }, { pattern: 'site', alsoIn: ['world'] }, 'world'],
    /got "site", whose pattern "site" has an alsoIn itself/,
  ],
  [
    'a circle',
    [
      { pattern: 'a', alsoIn: ['b'] },
      { pattern: 'b', alsoIn: ['a'] },
    ],
    /"a": expected alsoIn to name topics that count in no further ones, got "b"/,
  ],
  [
    'a topic that shows more than a shielded source',
    [{ pattern: 'a', alsoIn: ['b'], shield: 5 }, 'b'],
    /"a": expected alsoIn to name topics with a shield of 5 or a multiple of it, got "b", which has 0/,
  ],
  [
    'a topic whose steps fall between those of a shielded source',
    [
      { pattern: 'a', alsoIn: ['b'], shield: 5 },
      { pattern: 'b', shield: 7 },
    ],
    /with a shield of 5 or a multiple of it, got "b", which has 7/,
  ],
  ['a pattern', [{ pattern: 'video:*', alsoIn: ['site:*'] }, 'site:*'], /without "\*", got \["site:\*"\]/],
  ['a topic twice', [{ pattern: 'a', alsoIn: ['b', 'b'] }, 'b'], /up to 4 different topics/],
  ['more topics than four', [{ pattern: 'a', alsoIn: ['1', '2', '3', '4', '5'] }, '*'], /up to 4 different topics/],
  ['no list', [{ pattern: 'a', alsoIn: 'b' } as never, 'b'], /list of up to 4 different topics, without "\*", got "b"/],
])('alsoIn with %s is refused', (_title, rules, message) => {
  expect(() => topicRules(rules, defaults)).toThrow(expect.objectContaining({ code: 'bad_option' }))
  expect(() => topicRules(rules, defaults)).toThrow(message)
})

test('the rules are plain data that compile to the same rules', () => {
  const { rules } = topicRules([{ pattern: 'video:*', alsoIn: ['site'] }, 'site'], defaults)
  expect(topicRules(JSON.parse(JSON.stringify(rules)), defaults).rules).toEqual(rules)
})

test('a presence counts in each roll-up by the unit of its pattern, in the same group', () => {
  const rules = topicRules(
    [{ pattern: 'video:*', alsoIn: ['site', 'people'] }, 'site', { pattern: 'people', unit: 'people' }],
    defaults,
  )
  const rule = rules.match('video:1')!
  expect(presenceOf(rule, 'video:1', { userId: '7', clientId: 'c' }, keys, 2)).toEqual({
    group: 2,
    person: null,
    alsoIn: [
      { topic: 'site', group: 2, person: null },
      { topic: 'people', group: 2, person: keys('people', 'user', '7') },
    ],
  })
})

test('a viewer without a client id is one person per socket in a roll-up, and has no key elsewhere', () => {
  const rules = topicRules([{ pattern: 'video:*', alsoIn: ['site'] }, 'site', 'room'], { ...defaults, unit: 'people' })
  const person = keys('site', 'connection', 'socket 1')
  const presence = (topic: string) => presenceOf(rules.match(topic)!, topic, viewer, keys)
  expect(presence('video:1')).toEqual({ group: 1, person: null, alsoIn: [{ topic: 'site', group: 1, person }] })
  expect(presence('site')).toEqual({ group: 1, person })
  expect(presence('room')).toEqual({ group: 1, person: null })
})

import { topicRules } from '@headcount/core'
import { FakeClock } from '@headcount/core/fake-clock'
import { expect, test } from 'vitest'
import { Access, type Authorize } from './access.js'

const topics = topicRules(['a', { pattern: 'members', access: 'users' }], { unit: 'connections', settle: 0 })
const clock = new FakeClock()
const ada = { userId: 'ada', clientId: null }

test.each<[string, unknown, boolean]>([
  ['true', true, true],
  ['a promise of true', Promise.resolve(true), true],
  // biome-ignore lint/suspicious/noThenProperty: what some database libraries return in place of a promise
  ['a thenable of true', { then: (resolve: (answer: boolean) => void) => resolve(true) }, true],
  ['false', false, false],
  ['a promise of false', Promise.resolve(false), false],
])('an application that answers %s', async (_, answer, allowed) => {
  const reasons: string[] = []
  const access = new Access(topics, clock, (() => answer) as Authorize, (reason) => reasons.push(reason))
  expect(await access.allows('a', ada)).toBe(allowed)
  expect(reasons).toEqual([])
})

test.each<[string, () => unknown, string]>([
  ['nothing', () => undefined, 'expected true or false, got undefined'],
  ['null', () => null, 'expected true or false, got null'],
  ['an object', () => ({}), 'expected true or false, got object'],
  ['a number', () => 1, 'expected true or false, got number'],
  ['a promise of a text', () => Promise.resolve('yes'), 'expected true or false, got string'],
  ['a promise that rejects with true', () => Promise.reject(true), 'boolean'],
  ['a promise that rejects', () => Promise.reject(new RangeError('of ada')), 'RangeError'],
  ['an exception', () => JSON.parse('ada'), 'SyntaxError'],
])('an application that answers %s refuses the join, and has failed', async (_, answer, reason) => {
  const reasons: string[] = []
  const access = new Access(topics, clock, answer as Authorize, (given) => reasons.push(given))
  expect(await access.allows('a', ada)).toBe(false)
  expect(reasons).toEqual([reason])
})

test('an application that does not answer within 10 s has refused', async () => {
  const reasons: string[] = []
  const access = new Access(
    topics,
    clock,
    () => new Promise(() => {}),
    (reason) => reasons.push(reason),
  )
  const answer = access.allows('a', ada)
  let allowed: boolean | undefined
  void Promise.resolve(answer).then((is) => (allowed = is))
  await clock.advance(9_999)
  expect(allowed).toBeUndefined()
  await clock.advance(1)
  expect([allowed, reasons]).toEqual([false, ['no answer within 10 s']])
})

test('the application is not called if no pattern allows the topic', () => {
  const asked: string[] = []
  const access = new Access(topics, clock, (topic) => asked.push(topic) > 0)
  expect(access.allows('b', ada)).toBe(false)
  expect(access.allows('members', { userId: null, clientId: null })).toBe(false)
  expect(access.allows('members', ada)).toBe(true)
  expect(asked).toEqual(['members'])
})

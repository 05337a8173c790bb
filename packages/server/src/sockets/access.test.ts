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
  ['nothing', undefined, false],
  ['an object', {}, false],
  ['a number', 1, false],
  ['a promise of a text', Promise.resolve('yes'), false],
])('an application that answers %s', async (_, answer, allowed) => {
  const access = new Access(topics, clock, (() => answer) as Authorize)
  expect(await access.allows('a', ada)).toBe(allowed)
})

test('a rejection is a no, whatever it is, and so is an exception', async () => {
  expect(await new Access(topics, clock, () => Promise.reject(true)).allows('a', ada)).toBe(false)
  const throws = () => {
    throw new Error('no such table')
  }
  expect(new Access(topics, clock, throws).allows('a', ada)).toBe(false)
})

test('an application that does not answer within 10 s has refused', async () => {
  const answer = new Access(topics, clock, () => new Promise(() => {})).allows('a', ada)
  let allowed: boolean | undefined
  void Promise.resolve(answer).then((is) => (allowed = is))
  await clock.advance(9_999)
  expect(allowed).toBeUndefined()
  await clock.advance(1)
  expect(allowed).toBe(false)
})

test('the application is not called if no pattern allows the topic', () => {
  const asked: string[] = []
  const access = new Access(topics, clock, (topic) => asked.push(topic) > 0)
  expect(access.allows('b', ada)).toBe(false)
  expect(access.allows('members', { userId: null, clientId: null })).toBe(false)
  expect(access.allows('members', ada)).toBe(true)
  expect(asked).toEqual(['members'])
})

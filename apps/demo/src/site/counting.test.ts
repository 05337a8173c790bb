import { expect, test } from 'vitest'
import { countingOf, withCounting } from './counting.js'

const defaults = { count: 'open', tabs: 'each' } as const

test('the choice is read from the query of an address', () => {
  expect(countingOf('')).toEqual(defaults)
  expect(countingOf('?v=19&count=visible&tabs=one')).toEqual({ count: 'visible', tabs: 'one' })
  expect(countingOf('?count=<b>&tabs=all')).toEqual(defaults)
})

test.each([
  ['/', defaults, '/'],
  ['/', { count: 'visible', tabs: 'one' }, '/?count=visible&tabs=one'],
  ['/?v=19', { count: 'open', tabs: 'one' }, '/?v=19&tabs=one'],
  ['/?v=19&count=visible&tabs=one', defaults, '/?v=19'],
] as const)('%s with the choice %o is %s', (href, counting, expected) => {
  expect(withCounting(href, counting)).toBe(expected)
})

import { expect, test } from 'vitest'
import { renewalOf } from './token.js'

test('a token is renewed a minute before it expires, if it has an expiry time', () => {
  const token = (payload: object) => `x.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`
  expect(renewalOf(token({ exp: 1_000, name: '>>>???' }))).toBe(940_000)
  expect([null, 'opaque', 'a.b.c', token({})].map(renewalOf)).toEqual(new Array(4).fill(Number.POSITIVE_INFINITY))
})

import { expect, onTestFinished, test, vi } from 'vitest'
import { renewalOf } from './token.js'

const token = (payload: object) => `x.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`

test('a token is renewed a minute before it expires, if it has an expiry time', () => {
  expect(renewalOf(token({ exp: 1_000, name: '>>>???' }))).toBe(940_000)
  expect([null, 'opaque', 'a.b.c', token({})].map(renewalOf)).toEqual(new Array(4).fill(Number.POSITIVE_INFINITY))
})

test('where the clock is behind, a new token is renewed a minute before its lifetime is over', () => {
  vi.useFakeTimers({ now: 1_000_000 })
  onTestFinished(() => void vi.useRealTimers())
  expect(renewalOf(token({ iat: 9_000, exp: 9_300 }))).toBe(1_000_000 + 240_000)
  expect(renewalOf(token({ iat: 900, exp: 1_200 }))).toBe(1_140_000)
})

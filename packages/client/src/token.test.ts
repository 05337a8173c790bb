import { expect, test, vi } from 'vitest'
import { fetchToken, renewalOf } from './token.js'

test.each<[string, Parameters<typeof fetchToken>[0]]>([
  ['a text', 'a token'],
  ['a function', () => 'a token'],
  ['a function that fetches it', async () => 'a token'],
])('a token can be %s', async (_case, source) => {
  await expect(fetchToken(source, 1_000)).resolves.toBe('a token')
})

test('a token that never comes is given up, and so is one that cannot be fetched', async () => {
  vi.useFakeTimers()
  const never = fetchToken(() => new Promise(() => {}), 10_000).catch(() => 'given up')
  await vi.advanceTimersByTimeAsync(9_999)
  expect(await Promise.race([never, 'waiting'])).toBe('waiting')
  await vi.advanceTimersByTimeAsync(1)
  await expect(never).resolves.toBe('given up')
  vi.useRealTimers()
  const offline = () => {
    throw new Error('offline')
  }
  await expect(fetchToken(offline, 10_000)).rejects.toThrow('offline')
})

test('a token is renewed a minute before it expires, if it says when', () => {
  const token = (payload: object) => `x.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`
  expect(renewalOf(token({ exp: 1_000, name: '>>>???' }))).toBe(940_000)
  expect([null, 'opaque', 'a.b.c', token({})].map(renewalOf)).toEqual(new Array(4).fill(Number.POSITIVE_INFINITY))
})

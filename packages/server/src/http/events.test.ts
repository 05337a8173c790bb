import type { Update } from '@headcount/core'
import { expect, test } from 'vitest'
import { encodeOnce } from './events.js'

test('an update is encoded once for all streams', () => {
  let calls = 0
  const encode = encodeOnce(({ counts }) => {
    calls += 1
    return counts
  })
  const [update, other] = [{ counts: '{}' }, { counts: '{}' }] as Update[]
  expect(String(encode(update!))).toBe('data: {}\n\n')
  expect(encode(update!)).toBe(encode(update!))
  expect([encode(other!) === encode(update!), calls]).toEqual([false, 2])
})

import { expect, test } from 'vitest'
import { Publishing } from './publishing.js'

test('the time until a message is measured whichever arrives first, the message or the answer', () => {
  const publishing = new Publishing()
  expect(publishing.committed(1, 100, 105)).toBeUndefined()
  expect(publishing.received(1, 108)).toBe(8)
  expect(publishing.received(2, 203)).toBeUndefined()
  expect(publishing.committed(2, 200, 206)).toBe(6)
})

test('an older message does not belong to the commit, and a newer one includes it', () => {
  const publishing = new Publishing()
  publishing.committed(5, 100, 105)
  expect(publishing.received(4, 110)).toBeUndefined()
  expect(publishing.received(6, 120)).toBe(20)
  expect(publishing.received(7, 130)).toBeUndefined()
})

test('neither a message that may be lost nor a version that Redis lost is awaited', () => {
  const publishing = new Publishing()
  publishing.committed(5, 100, 105)
  publishing.reset()
  expect(publishing.received(9, 5_000)).toBeUndefined()
  publishing.committed(50, 6_000, 6_005)
  publishing.committed(10, 7_000, 7_005)
  expect(publishing.received(10, 7_010)).toBe(10)
})

import { expect, test } from 'vitest'
import { PublishTime } from './publish-time.js'

test('the time until a message is measured whichever arrives first, the message or the answer', () => {
  const time = new PublishTime()
  expect(time.committed(1, 100, 105)).toBeUndefined()
  expect(time.received(1, 108)).toBe(8)
  expect(time.received(2, 203)).toBeUndefined()
  expect(time.committed(2, 200, 206)).toBe(6)
})

test('an older message does not belong to the commit, and a newer one includes it', () => {
  const time = new PublishTime()
  time.committed(5, 100, 105)
  expect(time.received(4, 110)).toBeUndefined()
  expect(time.received(6, 120)).toBe(20)
  expect(time.received(7, 130)).toBeUndefined()
})

test('neither a message that may be lost nor a version that Redis lost is awaited', () => {
  const time = new PublishTime()
  time.committed(5, 100, 105)
  time.reset()
  expect(time.received(9, 5_000)).toBeUndefined()
  time.committed(50, 6_000, 6_005)
  time.committed(10, 7_000, 7_005)
  expect(time.received(10, 7_010)).toBe(10)
})

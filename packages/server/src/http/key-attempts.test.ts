import { FakeClock } from '@headcount/testing'
import { expect, test } from 'vitest'
import { KeyAttempts } from './key-attempts.js'

function setUp() {
  const clock = new FakeClock()
  return { clock, attempts: new KeyAttempts(clock) }
}

test('four wrong keys cause no wait; further ones cause a wait that doubles up to a minute', () => {
  const { clock, attempts } = setUp()
  const waits = Array.from({ length: 13 }, () => {
    attempts.failed('a')
    const wait = attempts.wait('a')
    clock.jump(wait)
    return wait / 1000
  })
  expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60])
  expect(attempts.wait('a')).toBe(0)
})

test('an address waits only for its own wrong keys', () => {
  const { attempts } = setUp()
  for (let i = 0; i < 5; i++) attempts.failed('a')
  expect([attempts.wait('a'), attempts.wait('b'), attempts.wait(null)]).toEqual([1_000, 0, 0])
})

test('the right key, or ten minutes without a wrong one, resets an address', () => {
  const { clock, attempts } = setUp()
  for (const address of ['a', 'b']) for (let i = 0; i < 5; i++) attempts.failed(address)
  attempts.succeeded('a')
  clock.jump(600_001)
  for (const address of ['a', 'b']) {
    attempts.failed(address)
    expect(attempts.wait(address)).toBe(0)
  }
})

test('memory is bounded: the address that failed longest ago is evicted', () => {
  const { clock, attempts } = setUp()
  const fail = (address: string) => {
    for (let i = 0; i < 5; i++) attempts.failed(address)
  }
  fail('oldest')
  fail('second')
  clock.jump(1)
  attempts.failed('oldest')
  for (let i = 0; i < 9_999; i++) attempts.failed(`address ${i}`)
  expect(attempts.wait('second')).toBe(0)
  expect(attempts.wait('oldest')).toBeGreaterThan(0)
})

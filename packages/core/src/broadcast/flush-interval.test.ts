import { expect, test } from 'vitest'
import { flushInterval } from './flush-interval.js'

const settings = { minimum: 50, maximum: 2000, framesPerSecond: 8000 } as const

test('the interval grows with the sockets of the topic, between its minimum and maximum', () => {
  expect([0, 1, 400, 401, 2000, 8000, 16_000, 1_000_000].map((sockets) => flushInterval(sockets, settings))).toEqual([
    50, 50, 50, 51, 250, 1000, 2000, 2000,
  ])
})

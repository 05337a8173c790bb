import { FakeClock } from '@headcount/core/fake-clock'
import { expect, test } from 'vitest'
import { connect } from './connect.js'
import { resolveOptions } from './options.js'

test('a Redis that does not answer is logged after 2 s, and the attempt fails after 5 s', async () => {
  const clock = new FakeClock()
  const logged: object[] = []
  const logger = { info: () => {}, warn: (fields: object) => void logged.push(fields) }
  const urls = ['redis://me:planted@127.0.0.1:2']
  const failed = connect(resolveOptions({ urls, clock, logger }), 10_000).catch((error: Error) => error.message)
  // The refusal arrives in real time.
  await new Promise((resolve) => setTimeout(resolve, 500))
  await clock.advance(1_999)
  expect(logged).toEqual([])
  await clock.advance(1)
  const reason = 'connect ECONNREFUSED 127.0.0.1:2'
  expect(logged).toEqual([{ event: 'connect_retrying', hosts: '127.0.0.1:2', reason, seconds: 5 }])
  await clock.advance(3_000)
  expect(await failed).toBe(`cannot connect to Redis at 127.0.0.1:2: ${reason}`)
  expect(logged).toHaveLength(1)
  expect(clock.timers).toBe(0)
})

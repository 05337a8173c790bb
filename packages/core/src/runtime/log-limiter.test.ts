import { expect, test } from 'vitest'
import { FakeClock } from './fake-clock.js'
import { LogLimiter } from './log-limiter.js'
import { silentLogger } from './logger.js'

function limiter() {
  const lines: unknown[] = []
  const clock = new FakeClock()
  const warn = (fields: object, message: string): void => void lines.push([message, fields])
  return { lines, clock, limiter: new LogLimiter(clock, { ...silentLogger, warn }) }
}

test('the first is logged at once, and those of the next minute with the first after it', async () => {
  const { lines, clock, limiter: logs } = limiter()
  for (let i = 0; i < 1000; i++) logs.by('a').warn({ code: 'a' }, 'refused')
  logs.by('b').warn({ code: 'b' }, 'refused')
  expect(lines).toEqual([
    ['refused', { code: 'a' }],
    ['refused', { code: 'b' }],
  ])
  await clock.advance(60_000)
  logs.by('a').warn({ code: 'a' }, 'refused')
  expect(lines.at(-1)).toEqual(['refused', { code: 'a', repeated: 999 }])
})

test('many different keys use bounded memory and lines', async () => {
  const { lines, clock, limiter: logs } = limiter()
  for (let i = 0; i < 10_000; i++) logs.by(String(i)).warn({}, 'refused')
  expect(lines).toHaveLength(101)
  await clock.advance(120_001)
  logs.by('new').warn({}, 'refused')
  logs.by('newer').warn({}, 'refused')
  expect(lines).toHaveLength(103)
})

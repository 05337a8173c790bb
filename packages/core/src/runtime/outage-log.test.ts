import { expect, it } from 'vitest'
import { FakeClock } from './fake-clock.js'
import { OutageLog } from './outage-log.js'

function logOf(clock: FakeClock) {
  const lines: unknown[] = []
  return { lines, outage: new OutageLog(clock, (phase, fields) => lines.push({ at: clock.now(), phase, ...fields })) }
}

it('an outage is logged when it begins, once a minute with a count, and when it ends', async () => {
  const clock = new FakeClock()
  const { lines, outage } = logOf(clock)
  for (let second = 0; second < 130; second++) {
    outage.failed(`reason ${second}`)
    await clock.advance(1_000)
  }
  outage.ended()
  expect(lines).toEqual([
    { at: 0, phase: 'began', reason: 'reason 0' },
    { at: 60_000, phase: 'goes_on', reason: 'reason 60', seconds: 60, failures: 61 },
    { at: 120_000, phase: 'goes_on', reason: 'reason 120', seconds: 120, failures: 121 },
    { at: 130_000, phase: 'ended', seconds: 130, failures: 130 },
  ])
})

it('nothing is logged without an outage; each outage has its own count', async () => {
  const clock = new FakeClock()
  const { lines, outage } = logOf(clock)
  outage.ended()
  expect(lines).toEqual([])
  for (let i = 0; i < 2; i++) {
    outage.failed('away')
    await clock.advance(500)
    outage.ended()
    outage.ended()
  }
  const once = [{ phase: 'began' }, { phase: 'ended', seconds: 0.5, failures: 1 }]
  expect(lines).toMatchObject([...once, ...once])
})

it('a minute without a failure is not logged, though the outage goes on', async () => {
  const clock = new FakeClock()
  const { lines, outage } = logOf(clock)
  outage.failed('away')
  await clock.advance(300_000)
  expect(lines).toHaveLength(1)
})

it('of outages that follow one another fast, five a minute are logged, and the number of the others', async () => {
  const clock = new FakeClock()
  const { lines, outage } = logOf(clock)
  for (let i = 0; i < 600; i++) {
    outage.failed('away')
    await clock.advance(50)
    outage.ended()
    await clock.advance(50)
  }
  expect(lines).toHaveLength(10)
  outage.failed('away')
  expect(lines.at(-1)).toEqual({ at: 60_000, phase: 'began', reason: 'away', skipped: 595 })
})

it('an outage that was not logged at its begin is logged after a minute, and at its end', async () => {
  const clock = new FakeClock()
  const { lines, outage } = logOf(clock)
  for (let i = 0; i < 5; i++) {
    outage.failed('away')
    outage.ended()
  }
  outage.failed('away')
  await clock.advance(60_000)
  outage.failed('away')
  outage.ended()
  expect(lines.slice(10)).toEqual([
    { at: 60_000, phase: 'goes_on', reason: 'away', seconds: 60, failures: 2 },
    { at: 60_000, phase: 'ended', seconds: 60, failures: 2 },
  ])
})

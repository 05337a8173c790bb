import type { Totals } from '@headcount/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryEngine } from '../engine/memory-engine.js'
import { FakeClock } from '../runtime/fake-clock.js'
import { replicaOn } from '../test/replica.js'
import { Shield } from './shield.js'

const tick = 10_000
const ticks = { tick, origin: 0 }
const round = (step: number, totals: Totals): Totals => totals.map((count) => Math.floor(count / step) * step)

test('shows multiples of the step, at ticks, and goes down after a whole tick', () => {
  const shield = new Shield(5, ticks)
  shield.push([4, 23], 1_000)
  expect(shield.shown(1_000)).toEqual([0, 20])
  shield.push([5, 26], 2_000)
  expect(shield.nextChange).toBe(10_000)
  expect(shield.shown(9_999)).toEqual([0, 20])
  expect(shield.shown(10_000)).toEqual([5, 25])
  shield.push([4, 26], 12_000)
  expect(shield.nextChange).toBe(30_000)
  expect(shield.shown(29_999)).toEqual([5, 25])
  expect(shield.shown(30_000)).toEqual([0, 25])
  expect(shield.nextChange).toBe(Number.POSITIVE_INFINITY)
})

test('a replica that has not started, or has stopped, shows no number below the shield', async () => {
  const engine = { ...memoryEngine(), read: async () => [[3, 7]] }
  const replica = replicaOn(new FakeClock(), { engine, display: () => ({ settle: 0, shield: 5 }) })
  const expected = '{"users":{"count":0,"below":5},"viewers":{"count":5}}'
  const [early] = await replica.read(['a'])
  expect(early!.counts).toBe(expected)
  await replica.start()
  const reading = replica.read(['a'])
  await replica.stop()
  const [late] = await reading
  expect(late!.counts).toBe(expected)
})

test('a decrease that is reversed before a whole tick has passed does not show', () => {
  const shield = new Shield(5, ticks)
  shield.push([10], 0)
  shield.push([9], 5_000)
  expect(shield.shown(15_000)).toEqual([10])
  shield.push([10], 16_000)
  expect(shield.shown(100_000)).toEqual([10])
})

test('an increase between two ticks that is reversed before the second does not show', () => {
  const shield = new Shield(5, ticks)
  shield.push([4], 0)
  shield.push([5], 1_000)
  shield.push([4], 9_000)
  expect(shield.nextChange).toBe(Number.POSITIVE_INFINITY)
  expect(shield.shown(50_000)).toEqual([0])
})

test('ticks fall on multiples of their length since 1970, whenever the process started', () => {
  const shield = new Shield(5, { tick, origin: 1_234 })
  shield.push([0], 100)
  shield.push([5], 200)
  expect(shield.nextChange).toBe(8_766)
})

const schedule = fc
  .array(fc.record({ wait: fc.nat(25_000), totals: fc.tuple(fc.nat(30), fc.nat(30)) }), { minLength: 1, maxLength: 30 })
  .map((steps) => {
    let at = 0
    return steps.map(({ wait, totals }) => {
      at += wait
      return { at, totals }
    })
  })
const step = fc.integer({ min: 2, max: 9 })

/** A direct implementation of the rule, tick by tick, over the whole schedule. */
function modelOf(samples: readonly { readonly at: number; readonly totals: Totals }[], k: number, now: number): Totals {
  let shown = round(k, samples[0]!.totals)
  const during = (from: number, to: number) =>
    samples.filter(({ at }, i) => at < to && (samples[i + 1]?.at ?? Number.POSITIVE_INFINITY) > from)
  for (let at = (Math.floor(samples[0]!.at / tick) + 1) * tick; at <= now; at += tick) {
    const window = during(at - tick, at).map(({ totals }) => round(k, totals))
    const last = window.at(-1)!
    shown = shown.map((before, g) =>
      last[g]! >= before ? last[g]! : Math.min(before, Math.max(...window.map((totals) => totals[g]!))),
    )
  }
  return shown
}

test('equals the plain model in random schedules', () => {
  fc.assert(
    fc.property(schedule, step, (samples, k) => {
      const shield = new Shield(k, ticks)
      let next = 0
      // A sample at a tick may count as before or after it.
      const apart = samples.filter(({ at }, i) => at % tick !== 0 && samples[i + 1]?.at !== at)
      fc.pre(apart.length > 0)
      for (let now = apart[0]!.at; now <= apart.at(-1)!.at + 3 * tick; now += 777) {
        while (next < apart.length && apart[next]!.at <= now) shield.push(apart[next]!.totals, apart[next++]!.at)
        expect(shield.shown(now)).toEqual(modelOf(apart.slice(0, next), k, now))
      }
    }),
  )
})

test('shows only multiples of the step, changes only at ticks, and is correct after two ticks without a change', () => {
  fc.assert(
    fc.property(schedule, step, (samples, k) => {
      const shield = new Shield(k, ticks)
      let before: Totals | undefined
      let lastTick = 0
      for (const { at, totals } of samples) {
        const shown = shield.shown(at)
        const isSameTick = Math.floor(at / tick) === lastTick
        if (before !== undefined && isSameTick) expect(shown).toEqual(before)
        shield.push(totals, at)
        before = shield.shown(at)
        lastTick = Math.floor(at / tick)
        for (const count of before!) expect(count % k).toBe(0)
      }
      const last = samples.at(-1)!
      expect(shield.shown(last.at + 2 * tick)).toEqual(round(k, last.totals))
    }),
  )
})

test('`nextChange` is when the shown totals change, never later', () => {
  fc.assert(
    fc.property(schedule, step, (samples, k) => {
      const shield = new Shield(k, ticks)
      for (const { at, totals } of samples) shield.push(totals, at)
      let shown = shield.shown(samples.at(-1)!.at)
      while (shield.nextChange < Number.POSITIVE_INFINITY) {
        const next = shield.nextChange
        expect(shield.shown(next - 0.5)).toEqual(shown)
        expect(shield.shown(next)).not.toEqual(shown)
        shown = shield.shown(next)
      }
      expect(shown).toEqual(round(k, samples.at(-1)!.totals))
    }),
  )
})

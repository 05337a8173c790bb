import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SettleWindow } from './settle.js'

type Sample = { readonly at: number; readonly totals: readonly number[] }

const sum = (totals: readonly number[]): number => totals.reduce((all, count) => all + count, 0)

/** A direct implementation of the rule: the newest totals with the largest sum of the last `settle` ms. */
function modelOf(samples: readonly Sample[], settle: number, now: number): readonly number[] | undefined {
  let best: readonly number[] | undefined
  for (const [i, { at, totals }] of samples.entries()) {
    const until = samples[i + 1]?.at ?? Number.POSITIVE_INFINITY
    if (at > now || until <= now - settle) continue
    if (best === undefined || sum(totals) >= sum(best)) best = totals
  }
  return best
}

test('shows an increase at once, and a decrease after `settle` ms', () => {
  const window = new SettleWindow(1000)
  window.push([0, 5], 0)
  window.push([0, 4], 100)
  expect(window.shown(100)).toEqual([0, 5])
  expect(window.nextChange).toBe(1100)
  expect(window.shown(1099)).toEqual([0, 5])
  expect(window.shown(1100)).toEqual([0, 4])
  window.push([0, 6], 1200)
  expect(window.shown(1200)).toEqual([0, 6])
  expect(window.nextChange).toBe(Number.POSITIVE_INFINITY)
})

test('stores few entries while the sum does not decrease', () => {
  const window = new SettleWindow(1000)
  for (let i = 0; i < 100_000; i++) window.push([0, i % 10], i)
  expect(window.shown(100_000)).toEqual([0, 9])
  expect(window.nextChange).toBe(Number.POSITIVE_INFINITY)
})

const schedule = fc
  .array(fc.record({ wait: fc.nat(400), totals: fc.tuple(fc.nat(4), fc.nat(4)) }), { minLength: 1, maxLength: 40 })
  .map((steps) => {
    let at = 0
    return steps.map(({ wait, totals }): Sample => {
      at += wait
      return { at, totals }
    })
  })

test('equals the plain model at every moment of a random schedule', () => {
  fc.assert(
    fc.property(schedule, fc.nat(1000), (samples, settle) => {
      const window = new SettleWindow(settle)
      const end = samples.at(-1)!.at + settle + 1
      let next = 0
      for (let now = samples[0]!.at; now <= end; now += 7) {
        while (next < samples.length && samples[next]!.at <= now)
          window.push(samples[next]!.totals, samples[next++]!.at)
        expect(window.shown(now)).toEqual(modelOf(samples.slice(0, next), settle, now))
      }
    }),
  )
})

test('`nextChange` is when the shown totals change, never later', () => {
  fc.assert(
    fc.property(schedule, fc.nat(1000), (samples, settle) => {
      const window = new SettleWindow(settle)
      for (const { at, totals } of samples) window.push(totals, at)
      let now = samples.at(-1)!.at
      let shown = window.shown(now)
      while (window.nextChange < Number.POSITIVE_INFINITY) {
        const next = window.nextChange
        expect(window.shown(next - 0.5)).toBe(shown)
        expect(window.shown(next)).not.toBe(shown)
        shown = window.shown(next)
        now = next
      }
      expect(shown).toEqual(samples.at(-1)!.totals)
      expect(now).toBeLessThanOrEqual(samples.at(-1)!.at + settle)
    }),
  )
})

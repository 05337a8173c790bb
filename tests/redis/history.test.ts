import { confirm, type HistoryMinute, type HistoryState, recordChange } from '@headcount/core'
import { random } from '@headcount/testing'
import { type HistoryStep, historyCases } from '@headcount/testing/engine'
import { expect, test } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'
import { historyScript } from './history-script.js'

describeWith('redis', 'the rule of histories in Lua', () => {
  const redis = withRedis()
  const cleanup = cleanups()
  const open = async (max?: number) => {
    const script = await historyScript(redis().url, max)
    cleanup(() => script.client.destroy())
    await script.client.flushAll()
    return script
  }

  test.each(Object.entries(historyCases))('passes the case: %s', async (_title, { steps, state, minute }) => {
    const script = await open()
    for (const step of steps) await script.play('t', step)
    const recorded = await script.recorded('t')
    expect(recorded.state).toEqual(state)
    expect(recorded.minutes).toContainEqual(minute)
  })

  test.each([1, 2, 3, 4, 5])('records in a random schedule what core records (seed %i)', async (seed) => {
    const script = await open()
    const rng = random(seed)
    const minutes = new Map<number, HistoryMinute>()
    let state: HistoryState | undefined
    let at = 1_764_168_000_000 + rng.below(60_000)
    let totals = [0, 0]
    for (let i = 0; i < 200; i++) {
      // Another program or a loss changes the totals without a record.
      if (rng.chance(0.05))
        totals = rng.of([
          [0, 0],
          [rng.below(9), 1],
        ])
      const after = [rng.below(5), rng.below(1_000_000)]
      const step: HistoryStep = rng.chance(0.2) ? { at, found: totals } : { at, before: totals, after }
      await script.play('t', step)
      if ('found' in step) state = state && confirm(state, step.found, at)
      else {
        const find = (number: number) => {
          const entry = minutes.get(number % 1_441)
          return entry?.[0] === number ? entry : undefined
        }
        const recorded = recordChange(state, find, { ...step, now: at })
        state = recorded.state
        minutes.set(recorded.minute[0]! % 1_441, recorded.minute)
        totals = after
      }
      at += rng.of([0, 1, -30, rng.below(30_000), rng.below(600_000), rng.below(20 * 3_600_000), -3_600_000])
    }
    const recorded = await script.recorded('t')
    expect(recorded.state).toEqual(state)
    expect(new Map(recorded.minutes.map((entry) => [entry[0]! % 1_441, entry]))).toEqual(minutes)
  })

  test('keeps the histories of a limited number of topics, mostly the most recently changed ones', async () => {
    const script = await open(20)
    for (let i = 0; i < 100; i++) await script.play(`t${i}`, { at: 1e12 + i * 1_000, before: [0, 0], after: [1, 0] })
    const kept = await script.client.keys(script.historyKey('*'))
    expect(kept.length).toBe(20)
    expect(await script.client.sCard('hc:{0}:histories')).toBe(20)
    const numbers = kept.map((key) => Number(key.split(':t')[1]))
    expect(numbers).toContain(99)
    expect(numbers.reduce((sum, number) => sum + number) / 20).toBeGreaterThan(65)
  })

  test('keeps nothing permanently', async () => {
    const script = await open()
    await script.play('t', { at: 1e12, before: [0, 0], after: [1, 0] })
    for (const key of [script.historyKey('t'), 'hc:{0}:histories']) {
      expect(await script.client.pTTL(key)).toBeGreaterThan(86_400_000)
    }
  })
})

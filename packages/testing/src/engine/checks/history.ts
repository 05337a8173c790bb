import { type HistoryReport, historyReport, minute } from '@headcount/core'
import { describe, expect } from 'vitest'
import { pause, until } from '../../until.js'
import type { Fault } from '../cluster.js'
import { type Member, recordedTopic as topic } from '../member.js'
import type { RegisterCheck } from '../scenario-check.js'

/**
 * The engine's clock cannot be set, so each change happens between two of its times, and an integral has two bounds.
 */
export function historyTests(it: RegisterCheck, faults: ReadonlySet<Fault>): void {
  const report = async ({ replica }: Member): Promise<HistoryReport & { readonly now: number }> => {
    const history = await replica.engine.history!.read(topic)
    const to = (Math.floor(history.now / minute) + 1) * minute
    return { now: history.now, ...historyReport(history, { from: to - 10 * minute, to, step: minute }, 2) }
  }

  /** The bounds of the integrals by group, from totals and the times between which each of them began. */
  class Bounds {
    readonly #steps: { readonly totals: readonly number[]; readonly between: readonly [number, number] }[] = []

    constructor(readonly member: Member) {}

    async changes(change: () => Promise<unknown>, ...totals: number[]): Promise<void> {
      const { now: from } = await report(this.member)
      await change()
      const { now: to } = await report(this.member)
      this.#steps.push({ totals, between: [from, to] })
    }

    /** Checks the current integrals. */
    async check(): Promise<void> {
      const { all, now, points, wholeFrom } = await report(this.member)
      const [begin, end] = this.#steps[0]!.between
      expect(wholeFrom).toBeGreaterThanOrEqual(begin)
      expect(wholeFrom).toBeLessThanOrEqual(end)
      expect(all.known).toBe(now - wholeFrom!)
      for (const [g, { integral, peak }] of all.groups.entries()) {
        let [least, most] = [0, 0]
        for (const [i, { totals, between }] of this.#steps.entries()) {
          const next = this.#steps[i + 1]?.between ?? [now, now]
          least += totals[g]! * Math.max(0, next[0] - between[1])
          most += totals[g]! * (next[1] - between[0])
        }
        expect(integral).toBeGreaterThanOrEqual(least)
        expect(integral).toBeLessThanOrEqual(most)
        expect(peak).toBe(Math.max(...this.#steps.map(({ totals }) => totals[g]!)))
      }
      const sum = points.reduce((sum, { total }) => sum + total.integral, 0)
      expect(sum).toBe(all.groups.reduce((sum, { integral }) => sum + integral, 0))
    }
  }

  describe('a history', () => {
    it('has the integrals of the totals of three replicas', async (scenario) => {
      const [a, b, c] = [await scenario.open(), await scenario.open(), await scenario.open()]
      scenario.needs(a.replica.engine.history)
      const bounds = new Bounds(c)
      const counts = [
        [a, 3, 0],
        [b, 4, 10],
        [c, 1, 1],
        [a, 0, 2],
        [b, 0, 0],
      ] as const
      for (const [member, ...numbers] of counts) {
        member.set(topic, ...numbers)
        await bounds.changes(() => member.commit(), ...scenario.expected(topic))
        await pause(50)
      }
      for (const member of [a, b]) {
        member.setPeople(topic, { ann: 1 })
        await bounds.changes(() => member.commit(), ...scenario.expected(topic))
        await pause(20)
      }
      await bounds.changes(() => scenario.close(a), ...scenario.expected(topic).with(1, 2))
      await bounds.check()
    })

    it('exists only for topics that are recorded', async (scenario) => {
      const a = await scenario.open()
      const history = scenario.needs(a.replica.engine.history)
      a.set('t', 5, 5)
      await a.commit()
      const { state, minutes } = await history.read('t')
      expect([state, minutes]).toEqual([undefined, []])
    })

    it('is empty before the first change of a topic', async (scenario) => {
      const a = await scenario.open()
      scenario.needs(a.replica.engine.history)
      expect((await report(a)).wholeFrom).toBeNull()
      a.set(topic, 0, 1)
      await a.commit()
      const { points, wholeFrom, now } = await report(a)
      expect(now - wholeFrom!).toBeLessThan(10_000)
      expect(points[0]).toMatchObject({ known: 0, total: { peak: null } })
    })

    if (faults.has('crash')) {
      it('includes the row of a crashed replica until it is removed', async (scenario) => {
        const [a, b] = [await scenario.open(), await scenario.open()]
        scenario.needs(a.replica.engine.history)
        const bounds = new Bounds(b)
        await b.watch(topic)
        a.set(topic, 7, 0)
        await bounds.changes(() => a.commit(), 7, 0)
        b.set(topic, 1, 0)
        await bounds.changes(() => b.commit(), 8, 0)
        await pause(50)
        const crash = async () => {
          await scenario.crash(a)
          await scenario.cluster.expireLeases()
          await until('its removal', () => String(b.latest.get(topic)) === '1,0')
        }
        await bounds.changes(crash, 1, 0)
        await bounds.check()
      })
    }
  })
}

import type { Replicas, TopicRows } from '@headcount/core'
import { describe, expect } from 'vitest'
import { until } from '../../until.js'
import type { Fault } from '../cluster.js'
import type { Member } from '../member.js'
import type { RegisterCheck } from '../scenario-check.js'

/** Registers the checks of the optional `replicas` of an engine: they pass where it has none. */
export function explainTests(it: RegisterCheck, faults: ReadonlySet<Fault>): void {
  const of = ({ replica }: Member): Replicas | undefined => replica.engine.replicas
  const row = ({ rows }: TopicRows, { name }: Member) => rows.find(({ replica }) => replica === name)

  describe('what an engine knows of its replicas', () => {
    it('has the row of each replica, and what a row adds to the totals', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      if (of(a) === undefined) return
      a.set('t', 2, 1)
      a.setPeople('t', { ann: 0, bob: 1 })
      await a.commit()
      b.set('t', 0, 4)
      b.setPeople('t', { ann: 1 })
      await b.commit()
      const rows = await of(b)!.rows('t')
      expect(rows.totals).toEqual([3, 6])
      expect(rows.rows).toHaveLength(2)
      expect(row(rows, a)).toMatchObject({ counts: [2, 1], people: 2 })
      expect(row(rows, b)).toMatchObject({ counts: [0, 4], people: 1 })
      expect(await of(a)!.rows('other')).toEqual({ totals: [0, 0], rows: [] })
    })

    it('has how old each lease is', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      if (of(a) === undefined) return
      await Promise.all([a.commit(), b.commit()])
      const leases = await of(a)!.list()
      expect(leases.map(({ replica }) => replica).sort()).toEqual([a.name, b.name])
      for (const { leaseAge } of leases) {
        expect(leaseAge).toBeGreaterThanOrEqual(0)
        expect(leaseAge).toBeLessThanOrEqual(scenario.cluster.lease)
      }
      await scenario.close(b)
      await until('one lease', async () => (await of(a)!.list()).length === 1)
    })

    it('has the answers of all other replicas to a question', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      if (of(a) === undefined) return
      const c = await scenario.open()
      // A replica answers once it has subscribed, which its first commit does not wait for.
      const all = async () => (await of(a)!.ask('a question: ü "', 2_000)).length === 2
      await until('two answers', all)
      const answers = await of(a)!.ask('a question: ü "', 2_000)
      const sorted = answers.toSorted((x, y) => x.replica.localeCompare(y.replica))
      expect(sorted).toEqual([b, c].map(({ name }) => ({ replica: name, text: `${name}: a question: ü "` })))
    })

    if (faults.has('pause')) {
      it('has the answers that came in time where a replica hangs', async (scenario) => {
        const [a, b] = await scenario.openTwo('t')
        if (of(a) === undefined) return
        const c = await scenario.open()
        await until('two answers', async () => (await of(a)!.ask('x', 2_000)).length === 2)
        await b.pause()
        const answers = await of(a)!.ask('x', 300)
        await b.heal()
        expect(answers).toEqual([{ replica: c.name, text: `${c.name}: x` }])
      })
    }
  })
}

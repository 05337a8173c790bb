import type { TopicRows } from '@headcount/core'
import { describe, expect } from 'vitest'
import { until } from '../../until.js'
import type { Member } from '../member.js'
import type { RegisterCheck } from '../scenario-check.js'

export function explainTests(it: RegisterCheck): void {
  const of = ({ replica }: Member) => replica.engine.replicas!
  const row = ({ rows }: TopicRows, { name }: Member) => rows.find(({ replica }) => replica === name)

  describe('the view of the replicas', () => {
    it('has the row of each replica and its part of the totals', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      scenario.needs(a.replica.engine.replicas)
      a.set('t', 2, 1)
      a.setPeople('t', { ann: 0, bob: 1 })
      await a.commit()
      b.set('t', 0, 4)
      b.setPeople('t', { ann: 1 })
      await b.commit()
      const rows = await of(b).rows('t')
      expect(rows.totals).toEqual([3, 6])
      expect(rows.rows).toHaveLength(2)
      expect(row(rows, a)).toMatchObject({ counts: [2, 1], people: 2 })
      expect(row(rows, b)).toMatchObject({ counts: [0, 4], people: 1 })
      expect(await of(a).rows('other')).toEqual({ totals: [0, 0], rows: [] })
    })

    it('has the age of each lease', async (scenario) => {
      const [a, b] = await scenario.openTwo('t')
      scenario.needs(a.replica.engine.replicas)
      await Promise.all([a.commit(), b.commit()])
      const leases = await of(a).list()
      expect(leases.map(({ replica }) => replica).sort()).toEqual([a.name, b.name])
      for (const { leaseAge } of leases) {
        expect(leaseAge).toBeGreaterThanOrEqual(0)
        expect(leaseAge).toBeLessThanOrEqual(scenario.cluster.lease)
      }
      await scenario.close(b)
      await until('one lease', async () => (await of(a).list()).length === 1)
    })
  })
}
